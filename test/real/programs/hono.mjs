// @hono/node-ws: it calls handleUpgrade some turns after the request came, when octets of the client may be waiting already.

import { once } from "node:events";
import { connect } from "node:net";
import { serve } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";
import { Hono } from "hono";
import { WebSocket } from "ws";
import { closed, ending, isReplaced, octets, tell, text } from "./support.mjs";

tell(async () => {
  const transcript = { events: [] };
  let atServer;
  const app = new Hono();
  const { injectWebSocket, upgradeWebSocket, wss } = createNodeWebSocket({ app });
  const note = (...words) => transcript.events.push(words.join(" "));
  const routes = upgradeWebSocket((context) => {
    const name = context.req.param("name");
    return {
      onOpen: (_, socket) => {
        atServer = socket.raw;
        note(name, "open", socket.readyState);
        socket.send(`hello ${name}`);
      },
      onMessage: ({ data }, socket) => socket.send(data),
      onClose: ({ code, reason }) => note(name, "close", code, reason),
    };
  });
  app.use("/slow/*", async (_, next) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    await next();
  });
  app.use("/refuse/*", (context) => context.text("no", 401));
  app.get("/echo/:name", routes);
  app.get("/slow/:name", routes);
  app.get("/refuse/:name", routes);
  app.get("/http", (context) => context.text("plain"));
  const server = await new Promise((resolve) => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(made));
  });
  injectWebSocket(server);
  const { port } = server.address();
  const url = `ws://127.0.0.1:${port}`;

  const client = new WebSocket(`${url}/echo/one`);
  transcript.greeting = `${(await once(client, "message"))[0]}`;
  transcript.isReplaced = [isReplaced(client), isReplaced(atServer)];
  transcript.answers = [];
  for (const message of ["", "hello 満員", text(70_000), octets(0), octets(126), octets(65_536)]) {
    client.send(message);
    const [data, isBinary] = await once(client, "message");
    transcript.answers.push([isBinary, data.length, isBinary ? data.equals(message) : `${data}` === message]);
  }
  transcript.count = wss.clients.size;
  client.close(4000, "done");
  transcript.ending = await ending(client);
  transcript.refused = await ending(new WebSocket(`${url}/refuse/two`));
  transcript.notThere = await ending(new WebSocket(`${url}/http`));
  transcript.plain = await (await fetch(`http://127.0.0.1:${port}/http`)).text();

  // A client that does not wait for the answer: its frames come with the request, and before the server has decided.
  const head = `GET /slow/raw HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  const raw = connect(port, "127.0.0.1");
  raw.write(
    `${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x81\0\0\0\0A`,
    "latin1",
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  raw.write("\x81\x82\0\0\0\0BC\x88\x82\0\0\0\0\x03\xe8", "latin1");
  let answered = "";
  raw.setEncoding("latin1").on("data", (data) => (answered += data));
  await once(raw, "close");
  transcript.early = [answered.split(" ")[1], Buffer.from(answered.split("\r\n\r\n")[1], "latin1").toString("hex")];
  while (transcript.events.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  await closed(server);
  return transcript;
});
