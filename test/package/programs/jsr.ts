// A user's program on Deno with the package from JSR: every entry, with its types.
import { type Connection, encodeFrame, initSync } from "@wsimd/wsimd";
import { type Server as BunServer, createServer as createOnBun } from "@wsimd/wsimd/bun";
import { type DeflateOptions, PerMessageDeflate } from "@wsimd/wsimd/deflate";
import { createServer } from "@wsimd/wsimd/deno";
import { type ConnectOptions, connect as connectOnNode } from "@wsimd/wsimd/node";
import module from "@wsimd/wsimd/wasm";
import { connect, createServer as createOnStreams, type StreamPair } from "@wsimd/wsimd/web";

const server = createServer<{ name: string }>({
  message(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
});
const { port } = await server.listen({ port: 0, host: "127.0.0.1" });

/** Says something and gives the answer. */
async function ask(url: string, streams: Parameters<typeof connect>[1], text: string): Promise<string> {
  const socket = await connect(url, streams);
  socket.send(text);
  for await (const answer of socket) {
    socket.close(1000);
    return String(answer);
  }
  return "nothing";
}

const overTcp = await ask(
  `ws://127.0.0.1:${port}`,
  ({ hostname, port }) => Deno.connect({ hostname, port }),
  "hello over TCP",
);

const there = new TransformStream<Uint8Array, Uint8Array>();
const back = new TransformStream<Uint8Array, Uint8Array>();
const pair: StreamPair = { readable: there.readable, writable: back.writable };
const served = createOnStreams({ message: (socket, data) => void socket.send(data) }).serve(pair);
const overStreams = await ask(
  "ws://streams/",
  { readable: back.readable, writable: there.writable },
  "hello over streams",
);
await served;
await server.close();

const unused: [Connection?, DeflateOptions?, BunServer?, ConnectOptions?] = [];
const functions = [encodeFrame, PerMessageDeflate, createOnBun, connectOnNode].map((one) => typeof one);
if (unused.length !== 0 || functions.some((type) => type !== "function")) throw new Error("an export is missing");
if (!(module instanceof WebAssembly.Module)) throw new Error("no module");
console.log(`${initSync()} ${overTcp}, ${overStreams}`);
