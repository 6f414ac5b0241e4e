// wsimd's handshake and Connection on a TLS server, since its own server has none: what an application writes today.
// node, bun or deno run wsimd-tls.mjs SETTINGS

import { createServer } from "node:tls";
import {
  acceptHandshake,
  Connection,
  HeadReader,
  parseRequestHead,
  refuseHandshake,
  serializeResponse,
} from "../../../dist/esm/index.js";
import { ready, settings } from "./program.mjs";

const { text, tls } = settings;
const asReceived = { text: { binary: false, trusted: true }, binary: { binary: true } };

const handlers = {
  message:
    text === "bytes"
      ? (connection, data, isBinary) => connection.send(data, isBinary ? asReceived.binary : asReceived.text)
      : (connection, data, isBinary) => connection.send(data, { binary: isBinary }),
};
const ownChunk = { mayOverwrite: true };

const server = createServer({ ...tls, allowHalfOpen: true }, (socket) => {
  socket.setNoDelay(true);
  const reader = new HeadReader();
  const completed = () => connection.writeCompleted();
  const write = (octets, more) => {
    if (more) socket.write(octets);
    else socket.write(octets, completed);
    return false;
  };
  const transport = { write, end: () => socket.end(), destroy: () => socket.destroy() };
  const connection = new Connection({ role: "server", text, handlers, transport });
  let isOpen = false;
  socket.on("data", (chunk) => {
    if (isOpen) return connection.receive(chunk, ownChunk);
    try {
      if (socket.writableEnded || !reader.push(chunk)) return;
      const answer = acceptHandshake(parseRequestHead(reader.head));
      isOpen = answer.accepted;
      socket[isOpen ? "write" : "end"](serializeResponse(answer));
    } catch (error) {
      socket.end(serializeResponse(refuseHandshake(error)));
    }
    if (isOpen) connection.receive(reader.rest);
  });
  socket.on("end", () => (isOpen ? connection.receiveEnd() : socket.end()));
  socket.on("close", () => connection.transportClosed()).on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => ready(server.address().port, () => {}));
