// An unmodified ws that echoes binary messages, with one of three bufferutils: node echo.cjs server wsimd, node echo.cjs client
// addon PORT. ws asks for "bufferutil" when it is loaded, and finds what is put there here.

const [, , role, masking, port] = process.argv;

if (masking === "none") process.env.WS_NO_BUFFER_UTIL = "1";
else delete process.env.WS_NO_BUFFER_UTIL;

const bufferUtil = require("bufferutil");
if (masking === "addon" && !String(bufferUtil.mask).includes("[native code]")) {
  throw new Error("bufferutil's native add-on did not load");
}
if (masking === "wsimd") require.cache[require.resolve("bufferutil")].exports = require("../../dist/cjs/bufferutil.js");

const { WebSocket, WebSocketServer } = require("ws");

const options = { perMessageDeflate: false, allowSynchronousEvents: true };
const echo = (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));

process.stdin.resume().once("end", () => process.exit()); // the bench has ended
if (role === "server") {
  const server = new WebSocketServer({ ...options, port: 0, host: "127.0.0.1" });
  server.on("connection", echo);
  server.once("listening", () => console.log(server.address().port));
} else {
  const client = new WebSocket(`ws://127.0.0.1:${port}`, options);
  echo(client);
  client.once("open", () => console.log("open"));
}
