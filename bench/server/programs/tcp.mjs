// The floor: a server that sends back the octets as they come, with no protocol at all. node tcp.mjs SETTINGS
//
// It reads by `data` events, or into one buffer that all sockets share. The latter is a documented option of a client's socket
// only; an accepted one is given the same by hand. Verified on Node 20 to 26.

import { createServer, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { collect } from "./collect.mjs";
import { ready, settings } from "./program.mjs";

const { reader, tls } = settings;
const options = { noDelay: true };

const probe = new Socket({ onread: { buffer: Buffer.alloc(1), callback: () => true } });
const symbolOf = (name) => Object.getOwnPropertySymbols(probe).find(({ description }) => description === name);
const [bufferOf, callbackOf] = [symbolOf("kBuffer"), symbolOf("kBufferCb")];
const shared = Buffer.allocUnsafeSlow(64 * 1024);

function readIntoShared(socket) {
  socket[bufferOf] = shared;
  socket[callbackOf] = (length, octets) => {
    const came = octets.subarray(0, length);
    // A full buffer is part of more than the kernel may take at once: what waits must not be overwritten.
    socket.write(length === shared.length ? Buffer.from(came) : came);
    if (length !== shared.length && socket.writableLength !== 0)
      throw new Error("the kernel did not take a small write");
    return true;
  };
  socket._handle.useUserBuffer(shared);
}

const readByEvents = (socket) => socket.on("data", (chunk) => socket.write(chunk));

const accept = (socket) => {
  socket.on("error", () => socket.destroy());
  if (reader === "onread") readIntoShared(socket);
  else readByEvents(socket);
};
const server = tls === null ? createServer(options, accept) : createTlsServer({ ...tls, ...options }, accept);
server.listen(0, "127.0.0.1", () => ready(server.address().port, collect));
