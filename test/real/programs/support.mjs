// What the programs beside this file share. Each runs an unmodified package over ws, as its users do, and ends by itself; what
// happened leaves as one line of JSON. Nothing in it may depend on time, on a port or on the order of two connections:
// a run with ws and one with what replaces it are compared word for word, `isReplaced` apart.

import { once } from "node:events";
import { createServer } from "node:http";

const DEADLINE_MS = 30_000;

/** Whether the class that the package itself made this socket of is the replacement. */
export const isReplaced = (socket) => Symbol.for("wsimd.ws") in socket.constructor;

/** Runs a program and prints what it resolves with. A program that leaves something open does not end: the deadline says so. */
export async function tell(program) {
  const timer = setTimeout(() => {
    console.error(`still running after ${DEADLINE_MS} ms: ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(1);
  }, DEADLINE_MS);
  const transcript = await program();
  timer.unref();
  process.stdout.write(`${JSON.stringify(transcript)}\n`);
}

/** Listens on a free port of the loopback interface; resolves with it. */
export async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** An http server that answers "plain" to what is no upgrade, and its port. */
export async function httpServer() {
  const server = createServer((_, response) => response.end("plain"));
  return { server, port: await listen(server) };
}

/** Resolves when an http server and all its connections are gone. */
export const closed = (server) => new Promise((resolve) => server.close(resolve));

/** What became of a client of ws: that it failed to open, or was closed. How an error is worded is nobody's interface. */
export function ending(socket) {
  const told = { messages: [] };
  socket.on("unexpected-response", (_, response) => {
    told.httpStatus = response.statusCode;
    response.resume();
    socket.terminate();
  });
  socket.on("error", (error) => {
    told.error = error.code ?? error.name;
  });
  socket.on("message", (data, isBinary) => told.messages.push(isBinary ? data.toString("hex") : data.toString()));
  return new Promise((resolve) => {
    socket.on("close", (code, reason) => resolve({ ...told, code, reason: reason.toString() }));
  });
}

/** Text that differs from place to place and is not ASCII throughout. */
export const text = (length, seed = 0) =>
  Array.from({ length }, (_, index) => "abcdefghijklmnopqrstuvwxyz 0123456789äß満"[(index * 7 + seed) % 41]).join("");

/** Octets that differ from place to place. */
export const octets = (length, seed = 0) => Buffer.from({ length }, 0).map((_, index) => (index * 31 + seed) & 0xff);
