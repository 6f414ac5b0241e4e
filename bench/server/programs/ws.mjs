// ws at its best: bufferutil, synchronous events, compression only where it is the subject: node, bun or deno run ws.mjs SETTINGS

import { createServer } from "node:https";
import { createRequire } from "node:module";
import process from "node:process";
import { ready, settings } from "./program.mjs";

const { answer, text, tls, deflate, level } = settings;

// The package by its path: Bun gives a server of its own to those who import "ws", and Deno is told of no dependencies.
const isBun = process.versions.bun !== undefined;
const isNode = !isBun && process.versions.deno === undefined;
const { collect } = isBun ? { collect: () => globalThis.Bun.gc(true) } : await import("./collect.mjs");
const require = createRequire(import.meta.url);
const { WebSocket, WebSocketServer } = isNode ? await import("ws") : require("../../../node_modules/ws/index.js");
const bufferUtil = require("bufferutil");
const isReplaced = Symbol.for("wsimd.ws") in WebSocket;
if (!isReplaced && !String(bufferUtil.mask).includes("[native code]"))
  throw new Error("bufferutil's native add-on did not load");

/** What is not said, ws chooses. */
function compression({ takeover, windowBits, memLevel }) {
  return {
    threshold: 0,
    ...(takeover ? {} : { serverNoContextTakeover: true, clientNoContextTakeover: true }),
    ...(windowBits === undefined ? {} : { serverMaxWindowBits: windowBits, clientMaxWindowBits: windowBits }),
    zlibDeflateOptions: { ...(level === null ? {} : { level }), ...(memLevel === undefined ? {} : { memLevel }) },
  };
}

const options = { perMessageDeflate: deflate !== null && compression(deflate), allowSynchronousEvents: true };
const server = tls === null ? undefined : createServer(tls);
const sockets = new WebSocketServer(
  server === undefined ? { ...options, port: 0, host: "127.0.0.1" } : { ...options, server },
);

/** What a handler sends for what it was given: text as a string, or as the octets that came. */
const sent = text === "bytes" ? (data) => data : (data, isBinary) => (isBinary ? data : data.toString());

const handlersOf = (socket) => ({
  echo(data, isBinary) {
    socket.send(sent(data, isBinary), { binary: isBinary });
  },
  async await(data, isBinary) {
    await null;
    socket.send(sent(data, isBinary), { binary: isBinary });
  },
  publish(data, isBinary) {
    const message = sent(data, isBinary);
    for (const client of sockets.clients) client.send(message, { binary: isBinary });
  },
});
sockets.on("connection", (socket) => socket.on("message", handlersOf(socket)[answer]));

const listening = server?.listen(0, "127.0.0.1") ?? sockets;
listening.once("listening", () => ready(listening.address().port, collect));
