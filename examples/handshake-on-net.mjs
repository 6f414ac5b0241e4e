// The handshake and the endpoint on a bare net server, without timeouts: node examples/handshake-on-net.mjs [port]
import { createServer } from "node:net";
import { acceptHandshake, Connection, HeadReader, parseRequestHead, refuseHandshake, serializeResponse } from "wsimd";

const handlers = { message: (peer, data, isBinary) => peer.send(data, { binary: isBinary }) };

function upgrade(socket, rest) {
  const write = (octets, more) => socket.write(octets, () => more || connection.writeCompleted()) && false;
  const transport = { write, end: () => socket.end(), destroy: () => socket.destroy() };
  const connection = new Connection({ role: "server", handlers, transport });
  socket.off("data", socket.greet).on("data", (chunk) => connection.receive(chunk));
  socket.on("end", () => connection.receiveEnd()).on("close", () => connection.transportClosed());
  connection.receive(rest);
}
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  const reader = new HeadReader();
  socket.greet = (chunk) => {
    try {
      if (!reader.push(chunk)) return;
      const answer = acceptHandshake(parseRequestHead(reader.head));
      socket[answer.accepted ? "write" : "end"](serializeResponse(answer));
      if (answer.accepted) upgrade(socket, reader.rest);
    } catch (error) {
      socket.end(serializeResponse(refuseHandshake(error)));
    }
  };
  socket.on("data", socket.greet).on("error", () => socket.destroy());
}).listen(Number(process.argv[2] ?? 8080), "127.0.0.1", () => console.log(`ws://127.0.0.1:${server.address().port}`));
