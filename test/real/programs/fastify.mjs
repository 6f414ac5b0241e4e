// @fastify/websocket: routes, hooks, refusals and its injectWS, which makes a connection over a pair of streams.

import { once } from "node:events";
import websocket from "@fastify/websocket";
import Fastify from "fastify";
import { WebSocket } from "ws";
import { ending, isReplaced, octets, tell, text } from "./support.mjs";

/** Sends messages one after the other and resolves with what comes back for each. */
async function converse(socket, messages) {
  const answers = [];
  for (const message of messages) {
    socket.send(message);
    const [data, isBinary] = await once(socket, "message");
    answers.push(
      isBinary ? ["octets", data.length, data.equals(message)] : ["text", data.length, `${data}` === message],
    );
  }
  return answers;
}

tell(async () => {
  const transcript = { hooks: [], faults: [] };
  const app = Fastify();
  await app.register(websocket, {
    // The streams that injectWS joins never end by themselves: the server waits as long as it may.
    options: { maxPayload: 200_000, perMessageDeflate: true, closeTimeout: 500 },
    errorHandler: (error, socket) => {
      transcript.faults.push(error.code ?? error.message);
      socket.close(1011, "handler failed");
    },
  });
  for (const name of ["onRequest", "preValidation", "preHandler"])
    app.addHook(name, async (request, reply) => {
      await new Promise((resolve) => setImmediate(resolve));
      transcript.hooks.push(`${name} ${request.ws} ${request.url}`);
      if (name === "preValidation" && request.headers["x-key"] === "wrong") await reply.code(401).send("no");
    });
  let atServer;
  const echo = (socket) => {
    atServer = socket;
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  };
  app.register(async (scope) => {
    scope.get("/echo", { websocket: true }, echo);
    scope.get("/first", { websocket: true }, (socket) => socket.send("the server speaks first"));
    scope.get("/close/:code", { websocket: true }, (socket, request) =>
      socket.close(Number(request.params.code), "満員"),
    );
    scope.get("/throw", { websocket: true }, () => {
      throw new Error("oh");
    });
    scope.get("/reject", { websocket: true }, async () => {
      throw new Error("later");
    });
    scope.get("/http", async () => "plain");
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const url = `ws://127.0.0.1:${app.server.address().port}`;
  const messages = ["", "hello 満員", text(70_000), octets(0), octets(126), octets(65_536), octets(150_000)];

  const client = new WebSocket(`${url}/echo`);
  await once(client, "open");
  transcript.answers = await converse(client, messages);
  transcript.isReplaced = [isReplaced(client), isReplaced(atServer)];
  transcript.extensions = client.extensions;
  client.send(octets(200_001));
  transcript.tooLong = await ending(client);
  // Messages and a Close that arrive together.
  const early = new WebSocket(`${url}/echo`);
  early.on("open", () => {
    early.send("one");
    early.send("two");
    early.close(4000, "done");
  });
  transcript.early = await ending(early);
  transcript.first = await (async () => {
    const socket = new WebSocket(`${url}/first`);
    const [data] = await once(socket, "message");
    socket.close();
    return [`${data}`, (await ending(socket)).code];
  })();
  transcript.endings = {};
  for (const path of ["close/1000", "close/4001", "throw", "reject", "http", "nowhere"])
    transcript.endings[path] = await ending(new WebSocket(`${url}/${path}`));
  transcript.refused = await ending(new WebSocket(`${url}/echo`, { headers: { "x-key": "wrong" } }));
  transcript.plain = await (await fetch(`${url.replace("ws", "http")}/http`)).text();
  transcript.notUpgraded = (await fetch(`${url.replace("ws", "http")}/echo`)).status;

  // No socket at all: the package joins two streams.
  const injected = await app.injectWS("/echo", { headers: { "x-of": "test" } });
  transcript.isReplaced.push(isReplaced(injected), isReplaced(atServer));
  transcript.injected = await converse(injected, messages);
  transcript.injectedState = [injected.readyState, app.websocketServer.clients.size];
  const injectedEnding = ending(injected);
  const atServerEnding = once(atServer, "close");
  injected.close(4002, "enough");
  transcript.injectedEnding = await injectedEnding;
  transcript.injectedAtServer = [(await atServerEnding)[0], `${(await atServerEnding)[1]}`];
  const onOpen = [];
  const other = await app.injectWS(
    "/first",
    {},
    {
      onInit: (socket) => socket.on("message", (data) => onOpen.push(`${data}`)),
      onOpen: () => onOpen.push("open"),
    },
  );
  while (onOpen.length < 2) await new Promise((resolve) => setImmediate(resolve));
  transcript.injectedFirst = onOpen;
  other.terminate();
  transcript.injectedRefused = await app
    .injectWS("/echo", { headers: { "x-key": "wrong" } })
    .catch((error) => error.message);

  const last = new WebSocket(`${url}/echo`);
  await once(last, "open");
  const lastEnding = ending(last);
  await app.close();
  transcript.closed = await lastEnding;
  return transcript;
});
