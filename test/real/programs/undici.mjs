// A server of ws behind an http or an https server that others use too, and undici's WebSocket: `node undici.mjs http`,
// `node undici.mjs https KEY-FILE CERTIFICATE-FILE`.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { Agent, fetch, WebSocket } from "undici";
import { WebSocketServer } from "ws";
import { closed, isReplaced, listen, octets, tell, text } from "./support.mjs";

const [, , scheme, keyFile, certificateFile] = process.argv;
const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000];
const event = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

tell(async () => {
  const isSecure = scheme === "https";
  const credentials = isSecure ? { key: readFileSync(keyFile), cert: readFileSync(certificateFile) } : {};
  const answer = (_, response) => response.end("plain");
  const server = isSecure ? https.createServer(credentials, answer) : http.createServer(answer);
  const dispatcher = new Agent({ connect: isSecure ? { ca: credentials.cert } : {} });
  const transcript = { connections: [], endings: [] };
  const wss = new WebSocketServer({
    server,
    path: "/chat",
    perMessageDeflate: { threshold: 100 },
    handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
    verifyClient: ({ req, secure, origin }, decide) => {
      transcript.connections.push([secure, origin ?? "none", req.url]);
      setImmediate(() => (req.headers["x-key"] === "wrong" ? decide(false, 403, "no") : decide(true)));
    },
  });
  wss.on("connection", (socket, request) => {
    transcript.isReplaced = [isReplaced(socket)];
    const number = accepted++;
    transcript.encrypted = request.socket.encrypted === true;
    socket.on("message", (data, isBinary) => {
      const wish = isBinary ? "" : `${data}`;
      if (wish === "in pieces") {
        for (const piece of ["in ", "three ", "pieces"])
          socket.send(piece, { fin: piece === "pieces", compress: piece.length > 3 });
      } else if (wish === "close") socket.close(4001, "満員");
      else if (wish === "drop") socket.terminate();
      else socket.send(data, { binary: isBinary });
    });
    socket.on("close", (code, reason) => {
      transcript.endings[number] = [code, `${reason}`];
    });
  });
  let accepted = 0;
  const port = await listen(server);
  const url = `${isSecure ? "wss" : "ws"}://127.0.0.1:${port}/chat`;
  const open = (options = {}) => {
    const socket = new WebSocket(url, { dispatcher, ...options });
    socket.binaryType = "arraybuffer";
    return socket;
  };

  const client = open({ protocols: ["a", "b"] });
  await event(client, "open");
  transcript.agreed = [client.protocol, client.extensions];
  transcript.echoed = [];
  for (const length of lengths)
    for (const message of [text(length, 3), octets(length, 3)]) {
      client.send(message);
      const { data } = await event(client, "message");
      const isSame = typeof message === "string" ? data === message : message.equals(Buffer.from(data));
      transcript.echoed.push([typeof data, length, isSame]);
    }
  client.send("in pieces");
  transcript.pieces = (await event(client, "message")).data;
  const inOrder = [];
  client.addEventListener("message", ({ data }) => inOrder.push(data));
  for (let number = 0; number < 500; number++) client.send(`${number}`);
  while (inOrder.length < 500) await event(client, "message");
  transcript.inOrder = inOrder.every((data, index) => data === `${index}`);
  client.close(4000, "done");
  const { code, reason, wasClean } = await event(client, "close");
  transcript.closed = [code, reason, wasClean];

  for (const wish of ["close", "drop"]) {
    const other = open();
    await event(other, "open");
    other.send(wish);
    const ending = await event(other, "close");
    transcript[wish] = [ending.code, ending.reason, ending.wasClean];
  }
  const refused = open({ headers: { "x-key": "wrong" } });
  transcript.refused = [(await event(refused, "close")).code, refused.readyState];
  const origin = url.replace(/^ws/, "http");
  transcript.plain = await (await fetch(origin, { dispatcher })).text();

  const last = open();
  await event(last, "open");
  const [lastAtServer] = wss.clients;
  const gone = [event(last, "close"), once(lastAtServer, "close")];
  lastAtServer.close(1001);
  await Promise.all(gone);
  while (wss.clients.size > 0) await new Promise((resolve) => setImmediate(resolve));
  await dispatcher.close();
  transcript.isListening = server.listening;
  await new Promise((resolve) => wss.close(resolve));
  await closed(server);
  return transcript;
});
