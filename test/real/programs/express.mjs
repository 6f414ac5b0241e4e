// Two ways to routes for WebSockets in Express: express-ws, which brings ws 7 along, and websocket-express over the ws that is
// installed beside it. `node express.mjs express-ws`, `node express.mjs websocket-express`.

import { once } from "node:events";
import { createServer } from "node:http";
import express from "express";
import { WebSocket } from "ws";
import { closed, ending, isReplaced, listen, octets, tell, text } from "./support.mjs";

const [, , name] = process.argv;

/** An application with the routes that are talked with below, and what makes a server of it. */
async function application(onSocket) {
  const echo = (socket) => {
    onSocket(socket);
    // ws 7 hands text out as a string and says no more; ws 8 as octets that are no binary.
    socket.on("message", (data, isBinary = typeof data !== "string") => socket.send(isBinary ? data : `${data}`));
  };
  const gate = (request, response, next) => (request.query.key === "wrong" ? response.status(403).end() : next());
  if (name === "express-ws") {
    const { default: expressWs } = await import("express-ws");
    const app = express();
    const server = createServer(app);
    const { getWss } = expressWs(app, server, { wsOptions: { maxPayload: 200_000 } });
    app.use(gate);
    app.ws("/echo/:name", (socket, request) => {
      socket.send(`hello ${request.params.name}`);
      echo(socket);
    });
    app.ws("/close", (socket) => socket.close(4001, "満員"));
    app.get("/http", (_, response) => response.send("plain"));
    return { server, count: () => getWss().clients.size };
  }
  const { WebSocketExpress } = await import("websocket-express");
  const app = new WebSocketExpress();
  app.set("shutdown timeout", 1000);
  let open = 0;
  app.use(gate);
  app.ws("/echo/:name", async (request, response) => {
    const socket = await response.accept();
    open++;
    socket.on("close", () => open--);
    socket.send(`hello ${request.params.name}`);
    echo(socket);
  });
  app.ws("/close", async (_, response) => (await response.accept()).close(4001, "満員"));
  app.get("/http", (_, response) => response.send("plain"));
  return { server: app.createServer(), count: () => open };
}

tell(async () => {
  let atServer;
  const { server, count } = await application((socket) => {
    atServer = socket;
  });
  const port = await listen(server);
  const url = `ws://127.0.0.1:${port}`;
  const transcript = {};

  const client = new WebSocket(`${url}/echo/${encodeURIComponent("満員")}`);
  const [greeting] = await once(client, "message");
  transcript.greeting = `${greeting}`;
  transcript.isReplaced = [isReplaced(client), isReplaced(atServer)];
  transcript.answers = [];
  for (const message of ["", "hello", text(70_000), octets(0), octets(126), octets(65_536)]) {
    client.send(message);
    const [data, isBinary] = await once(client, "message");
    transcript.answers.push([isBinary, data.length, isBinary ? data.equals(message) : `${data}` === message]);
  }
  transcript.count = count();
  const atServerEnding = once(atServer, "close");
  client.close(4000, "done");
  transcript.clientEnding = await ending(client);
  const [code, reason] = await atServerEnding;
  transcript.atServer = [code, `${reason}`];
  transcript.closedByServer = await ending(new WebSocket(`${url}/close`));
  transcript.nowhere = await ending(new WebSocket(`${url}/nowhere`));
  transcript.refused = await ending(new WebSocket(`${url}/echo/x?key=wrong`));
  transcript.plain = await (await fetch(`http://127.0.0.1:${port}/http`)).text();
  while (count() > 0) await new Promise((resolve) => setImmediate(resolve));
  server.closeAllConnections();
  await closed(server);
  return transcript;
});
