// wsimd's server as it is published, by the runtime's own entry: node, bun or deno run wsimd.mjs SETTINGS

import process from "node:process";
import { ready, settings } from "./program.mjs";

const { bun, deno } = process.versions;
const entry = deno !== undefined ? "deno" : bun !== undefined ? "bun" : "node";
const { createServer } = await import(`../../../dist/esm/${entry}.js`);

const { answer, text, transport, deflate, level, tls } = settings;

/** What is not said, wsimd chooses. */
function compression({ takeover, windowBits, memLevel }) {
  return {
    threshold: 0,
    ...(takeover ? {} : { contextTakeover: false, peerContextTakeover: false }),
    ...(windowBits === undefined ? {} : { windowBits, peerWindowBits: windowBits }),
    ...(level === null ? {} : { level }),
    ...(memLevel === undefined ? {} : { memLevel }),
  };
}

// Text that was valid when it came is valid when it goes.
const asReceived = { text: { binary: false, trusted: true }, binary: { binary: true } };
const optionsOf = (isBinary) => (isBinary ? asReceived.binary : asReceived.text);

const handlers = {
  echo(socket, data, isBinary) {
    socket.send(data, { binary: isBinary });
  },
  async await(socket, data, isBinary) {
    await null;
    socket.send(data, { binary: isBinary });
  },
  publish(_socket, data) {
    const message = typeof server.prepare === "function" ? server.prepare(data) : data;
    for (const socket of server.sockets) socket.send(message);
  },
};
const handlersOfBytes = {
  echo(socket, data, isBinary) {
    socket.send(data, optionsOf(isBinary));
  },
  async await(socket, data, isBinary) {
    await null;
    socket.send(data, optionsOf(isBinary));
  },
  publish(_socket, data) {
    for (const socket of server.sockets) socket.send(data, asReceived.text);
  },
};

const server = createServer({
  message: (text === "bytes" ? handlersOfBytes : handlers)[answer],
  text,
  ...(transport === null ? {} : { transport }),
  ...(deflate === null ? {} : { perMessageDeflate: compression(deflate) }),
});
const { port } = await server.listen({ port: 0, host: "127.0.0.1", ...(tls === null ? {} : { tls }) });
ready(port, bun !== undefined ? () => globalThis.Bun.gc(true) : (await import("./collect.mjs")).collect);
