// A client as applications write one: options, both kinds of listeners, streams, everything that can be sent.

import { Agent } from "node:http";
import { pipeline } from "node:stream";
import WebSocket, { type ClientOptions, type CloseEvent, createWebSocketStream, type MessageEvent } from "ws";

const options: ClientOptions = {
  agent: new Agent(),
  headers: { Authorization: "Bearer" },
  origin: "https://example.com",
  handshakeTimeout: 1000,
  followRedirects: true,
  maxRedirects: 3,
  protocolVersion: 13,
  perMessageDeflate: { threshold: 10 },
  maxPayload: 1 << 20,
  skipUTF8Validation: true,
  allowSynchronousEvents: true,
  autoPong: true,
  rejectUnauthorized: false,
  ca: Buffer.alloc(0),
  cert: "",
  key: [""],
  family: 6,
  localAddress: "::1",
  generateMask: (mask) => mask.fill(0),
  finishRequest: (request, websocket) => {
    request.setHeader("X-State", websocket.readyState);
    request.end();
  },
};

const client = new WebSocket("wss://example.com/", ["chat", "superchat"], options);
new WebSocket("ws://example.com");
new WebSocket(new URL("ws://example.com"), "chat");
new WebSocket("ws+unix:/tmp/socket:/path", { timeout: 10, auth: "a:b" });
new WebSocket("ws://example.com", undefined, { createConnection: undefined });
new WebSocket(null).readyState satisfies 0 | 1 | 2 | 3;

client.on("open", function () {
  this.send("text");
});
client.on("message", (data, isBinary) => {
  const text: string = isBinary ? "" : data.toString();
  if (Buffer.isBuffer(data)) data.readUInt8(0);
  return text;
});
client.on("close", (code, reason) => console.log(code.toFixed(), reason.toString("utf8")));
client.on("error", (error: NodeJS.ErrnoException) => error.code);
client.on("upgrade", (response) => response.headers["sec-websocket-accept"]);
client.on("redirect", (url, request) => url.length > 0 && request.removeHeader("cookie"));
client.on("unexpected-response", (request, response) => {
  response.resume();
  request.destroy(new Error(`${response.statusCode}`));
});
client.once("ping", (data: Buffer) => client.pong(data, true, (error) => error?.message));
for (const name of ["close", "error"] as const) client.once(name, (first) => console.log(first));
for (const name of ["open", "close"]) client.on(name, (...args) => args.length);
client.off("open", console.log).removeListener("pong", console.log).addListener("message", console.log);
client.prependListener("message", () => {}).emit("message", Buffer.alloc(0), true);

client.addEventListener("message", ({ data, target, type }) => {
  if (typeof data === "string") target.send(type + data.trim());
});
client.addEventListener("close", { handleEvent: ({ wasClean, code, reason }) => [wasClean, code, reason] });
client.addEventListener("error", ({ error, message }) => [error.code, message.length], { once: true });
client.addEventListener("open", () => {}, {});
client.removeEventListener("open", () => {});
client.onopen = ({ target }) => target.url;
client.onmessage = (event: MessageEvent) => event.data;
client.onclose = (event: CloseEvent) => event.code;
client.onerror = (event) => event.message;
client.onerror = null;

client.send("text", (error) => error?.message);
client.send(Buffer.from("binary"), { binary: false, compress: true, fin: true, mask: true }, () => {});
client.send(new Uint8Array(1));
client.send(new ArrayBuffer(1));
client.send(new DataView(new ArrayBuffer(1)));
client.send(new Blob([]));
client.send([1, 2, 3]);
client.send(12);
client.send("half", { fin: false });
client.ping("a");
client.ping();
client.close();
client.close(1000, "done");
client.close(1001, Buffer.from("gone"));
client.pause();
client.resume();
client.terminate();

client.binaryType = "arraybuffer";
client.binaryType = "nodebuffer";
const binaryType: "arraybuffer" | "fragments" | "nodebuffer" = client.binaryType;
const numbers: number[] = [client.bufferedAmount, client.readyState, WebSocket.CLOSED, client.CLOSING];
const strings: string[] = [client.extensions, client.protocol, client.url, binaryType];
if (client.readyState === WebSocket.CONNECTING || client.isPaused) console.log(numbers, strings);
const open: 1 = WebSocket.OPEN;

const stream = createWebSocketStream(client, { encoding: "utf8", allowHalfOpen: false, highWaterMark: open });
pipeline(stream, stream, (error) => error?.code);

type Message = WebSocket.RawData | WebSocket.Data;
type Made = ConstructorParameters<typeof WebSocket>;
export type All = [Message, Made, WebSocket.ClientOptions, WebSocket.ServerOptions, WebSocket.ErrorEvent];

// @ts-expect-error the state is read only
client.readyState = 1;
// @ts-expect-error a code comes first, and a number's toString takes a radix
client.on("close", (reason) => reason.toString("utf8"));
// @ts-expect-error there is no such kind
client.binaryType = "buffer";
// @ts-expect-error a code is a number
client.close("done");
