// The code under test: its server on either kernel. The one file of the suite that imports it.

import { readFileSync } from "node:fs";
import { initSync } from "../../../bindings/index.ts";
import type { KernelName } from "../../../bindings/kernel/kernel.ts";
import { createServer } from "../../../bindings/node/index.ts";
import { packageRoot } from "../../support/programs.ts";
import type { ServerSubject } from "../subject.ts";

const { version } = JSON.parse(readFileSync(`${packageRoot}/package.json`, "utf8")) as { readonly version: string };

/** A server with default limits that sends back what it gets. */
export function wsimdServer(kernel: KernelName): ServerSubject {
  return {
    name: kernel === "wasm" ? "wsimd server" : `wsimd server (${kernel})`,
    version,
    role: "server",
    async start() {
      if (initSync({ kernel }) !== kernel) throw new Error(`the ${kernel} kernel is not in use`);
      const server = createServer({
        message(socket, data, isBinary) {
          socket.send(data, { binary: isBinary });
        },
      });
      initSync();
      const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
      return {
        url: `ws://127.0.0.1:${port}`,
        async stop() {
          for (const socket of server.sockets) socket.terminate();
          await server.close();
        },
      };
    },
  };
}
