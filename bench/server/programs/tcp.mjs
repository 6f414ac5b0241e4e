// The floor: a server that sends back the octets as they come, with no protocol at all. node tcp.mjs SETTINGS
//
// It reads by `data` events, or into one buffer that all sockets share. The latter is a documented option of a client's socket
// only; an accepted one is given the same by hand. Verified on Node 20 to 26.

import { createServer, Socket } from "node:net";
import process from "node:process";
import { createServer as createTlsServer } from "node:tls";
import { collect } from "./collect.mjs";
import { ready, settings } from "./program.mjs";

const { reader, tls } = settings;
const options = { noDelay: true };

const probe = new Socket({ onread: { buffer: Buffer.alloc(1), callback: () => true } });
const symbolOf = (name) => Object.getOwnPropertySymbols(probe).find(({ description }) => description === name);
const [bufferOf, callbackOf] = [symbolOf("kBuffer"), symbolOf("kBufferCb")];
const BUFFER_LENGTH = 64 * 1024;
let shared = Buffer.allocUnsafeSlow(BUFFER_LENGTH);

function install(socket) {
  socket[bufferOf] = shared;
  socket._handle.useUserBuffer(shared);
}

/** Leaves the shared buffer to a write that the kernel did not take whole, and gives everybody another. */
function leaveShared() {
  shared = Buffer.allocUnsafeSlow(BUFFER_LENGTH);
  for (const each of process._getActiveHandles()) if (each[callbackOf] && !each.destroyed) install(each);
}

function readIntoShared(socket) {
  socket[callbackOf] = (length, octets) => {
    const came = octets.subarray(0, length);
    // What must wait is copied: a full buffer is part of more than the kernel may take at once.
    const mustWait = socket.writableLength !== 0 || length === BUFFER_LENGTH;
    socket.write(mustWait ? Buffer.from(came) : came);
    if (!mustWait && socket.writableLength !== 0) leaveShared();
    return true;
  };
  install(socket);
}

const readByEvents = (socket) => socket.on("data", (chunk) => socket.write(chunk));

const accept = (socket) => {
  socket.on("error", () => socket.destroy());
  if (reader === "onread") readIntoShared(socket);
  else readByEvents(socket);
};
const server = tls === null ? createServer(options, accept) : createTlsServer({ ...tls, ...options }, accept);
server.listen(0, "127.0.0.1", () => ready(server.address().port, collect));
