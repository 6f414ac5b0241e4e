// The handshake and the endpoint on a bare net server, without timeouts: node examples/handshake-on-net.mjs [port]
import { createServer } from "node:net";
import { acceptHandshake, Connection, HeadReader, parseRequestHead, refuseHandshake, serializeResponse } from "wsimd";

const handlers = { message: (connection, data, isBinary) => connection.send(data, { binary: isBinary }) };
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const reader = new HeadReader();
  const write = (octets, more) => void socket.write(octets, () => more || connection.writeCompleted()); // taken later
  const transport = { write, end: () => socket.end(), destroy: () => socket.destroy() };
  const connection = new Connection({ role: "server", handlers, transport });
  let isOpen = false;
  socket.on("data", (chunk) => {
    if (isOpen) return connection.receive(chunk);
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
server.listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () =>
  console.log(`ws://127.0.0.1:${server.address().port}`),
);
