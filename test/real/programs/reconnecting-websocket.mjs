// reconnecting-websocket over ws: what it was given while there was no connection arrives with the next.

import { once } from "node:events";
import ReconnectingWebSocket from "reconnecting-websocket";
import { WebSocket, WebSocketServer } from "ws";
import { isReplaced, tell } from "./support.mjs";

tell(async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
  await once(server, "listening");
  const transcript = { closes: [], received: [], isReplaced: [] };
  const connections = [];
  server.on("connection", (socket) => {
    transcript.isReplaced[1] = isReplaced(socket);
    const received = [];
    connections.push(received);
    const endings = [() => socket.terminate(), () => socket.close(4000, "again"), () => socket.close(1012)];
    const end = endings[connections.length - 1];
    socket.on("message", (data) => {
      received.push(`${data}`);
      if (end === undefined) socket.send(data);
      else end();
    });
  });

  class Watched extends WebSocket {
    constructor(...args) {
      super(...args);
      transcript.isReplaced[0] = isReplaced(this);
    }
  }
  const options = { WebSocket: Watched, minReconnectionDelay: 10, maxReconnectionDelay: 50, minUptime: 0 };
  const client = new ReconnectingWebSocket(`ws://127.0.0.1:${server.address().port}`, [], options);
  client.addEventListener("close", ({ code, reason }) => transcript.closes.push([code, reason]));
  for (let round = 0; round < 3; round++) {
    client.send(`round ${round}`);
    await new Promise((resolve) => client.addEventListener("close", resolve, { once: true }));
  }
  client.send("last");
  const event = await new Promise((resolve) => client.addEventListener("message", resolve, { once: true }));
  // It asks for Blobs, and the server sent the octets back as binary.
  transcript.answer = [event.data.constructor.name, await event.data.text()];
  const closes = new Promise((resolve) => client.addEventListener("close", resolve, { once: true }));
  const [atServer] = server.clients;
  const gone = once(atServer, "close");
  client.close(1000, "done");
  await closes;
  const [code, reason] = await gone;
  transcript.atServer = [code, `${reason}`];
  transcript.received = connections;
  await new Promise((resolve) => server.close(resolve));
  return transcript;
});
