// The code under test: its server and its clients, on either kernel. The one file of the suite that imports it.

import { readFileSync } from "node:fs";
import { initSync } from "../../../bindings/index.ts";
import type { KernelName } from "../../../bindings/kernel/kernel.ts";
import { connect, WebSocket } from "../../../bindings/node/index.ts";
import { createServer } from "../../support/adapter.ts";
import { packageRoot } from "../../support/programs.ts";
import type { ClientSubject, ServerSubject } from "../subject.ts";

const manifest = JSON.parse(readFileSync(`${packageRoot}/package.json`, "utf8")) as { readonly version: string };

/** The version of the package. */
export const version: string = manifest.version;

/** Does something with a kernel in use; connections keep the one they were made with. */
export function withKernel<T>(kernel: KernelName, make: () => T): T {
  if (initSync({ kernel }) !== kernel) throw new Error(`the ${kernel} kernel is not in use`);
  const made = make();
  initSync();
  return made;
}

export const nameOf = (name: string, kernel: KernelName): string => (kernel === "wasm" ? name : `${name} (${kernel})`);

/** A server with default limits that sends back what it gets; it must read its sockets as `transport` says, if that is given. */
export function wsimdServer(kernel: KernelName, transport?: "memory" | "data"): ServerSubject {
  const name = nameOf("wsimd server", kernel);
  return {
    name: transport === undefined ? name : `${name} / ${transport}`,
    version,
    role: "server",
    async start(compresses) {
      const server = withKernel(kernel, () =>
        createServer({
          perMessageDeflate: compresses,
          transport,
          message(socket, data, isBinary) {
            socket.send(data, { binary: isBinary });
          },
        }),
      );
      const { port } = await server.listen({ port: 0, host: "127.0.0.1" });
      if (server.transport !== (transport ?? server.transport)) throw new Error(`${name} reads by ${server.transport}`);
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

function wsimdClient(name: string, kernel: KernelName, run: ClientSubject["run"]): ClientSubject {
  const withIt: ClientSubject["run"] = (url, compresses) => withKernel(kernel, () => run(url, compresses));
  return { name: nameOf(name, kernel), version, role: "client", run: withIt };
}

/** connect() with a handler. */
export function wsimdConnect(kernel: KernelName): ClientSubject {
  return wsimdClient("wsimd connect", kernel, (url, compresses) => {
    return new Promise((resolve, reject) => {
      connect(url, {
        perMessageDeflate: compresses,
        message: (socket, data, isBinary) => void socket.send(data, { binary: isBinary }),
        close: () => resolve(),
      }).catch(reject);
    });
  });
}

/** connect() with a loop. */
export function wsimdLoop(kernel: KernelName): ClientSubject {
  return wsimdClient("wsimd connect, for await", kernel, async (url, compresses) => {
    const socket = await connect(url, { perMessageDeflate: compresses });
    for await (const message of socket) socket.send(message);
  });
}

/** The WHATWG class. */
export function wsimdWebSocket(kernel: KernelName): ClientSubject {
  return wsimdClient("wsimd WebSocket", kernel, (url, compresses) => {
    const socket = new WebSocket(url, { perMessageDeflate: compresses });
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => socket.send(data as string | ArrayBuffer);
    return new Promise((resolve) => {
      socket.onclose = () => resolve();
    });
  });
}
