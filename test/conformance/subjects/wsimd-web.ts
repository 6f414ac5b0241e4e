// wsimd/web on either kernel, over TCP of whatever runs this, as pairs of streams.

import type { KernelName } from "../../../bindings/kernel/kernel.ts";
import { zlibProvider } from "../../../bindings/runtime/zlib.ts";
import { connect, createServer } from "../../../bindings/web/index.ts";
import { dialPair, listenPairs } from "../../support/web-sockets.ts";
import type { ClientSubject, ServerSubject } from "../subject.ts";
import { nameOf, version, withKernel } from "./wsimd.ts";

const deflateOf = (compresses: boolean) => compresses && { provider: zlibProvider() };

/** A server with default limits that sends back what it gets. */
export function webServer(kernel: KernelName): ServerSubject {
  return {
    name: nameOf("wsimd/web server", kernel),
    version,
    role: "server",
    async start(compresses) {
      const server = withKernel(kernel, () =>
        createServer({
          perMessageDeflate: deflateOf(compresses),
          message(socket, data, isBinary) {
            socket.send(data, { binary: isBinary });
          },
        }),
      );
      const { url, close } = await listenPairs((pair, remoteAddress) => void server.serve(pair, { remoteAddress }));
      return {
        url,
        async stop() {
          close();
          for (const socket of server.sockets) socket.terminate();
          await server.close();
        },
      };
    },
  };
}

/** connect() with a handler. */
export function webConnect(kernel: KernelName): ClientSubject {
  return {
    name: nameOf("wsimd/web connect", kernel),
    version,
    role: "client",
    run: (url, compresses) =>
      withKernel(kernel, () => {
        return new Promise((resolve, reject) => {
          connect(url, dialPair, {
            perMessageDeflate: deflateOf(compresses),
            message: (socket, data, isBinary) => void socket.send(data, { binary: isBinary }),
            close: () => resolve(),
          }).catch(reject);
        });
      }),
  };
}
