// isomorphic-ws: what it exports is the module of ws, imported and required.

import { once } from "node:events";
import { createRequire } from "node:module";
import Imported from "isomorphic-ws";
import { ending, isReplaced, octets, tell, text } from "./support.mjs";

const Required = createRequire(import.meta.url)("isomorphic-ws");

tell(async () => {
  const transcript = { isOne: Imported === Required, names: Object.keys(Required).sort() };
  const server = new Imported.Server({ port: 0, host: "127.0.0.1" });
  const atServer = [];
  server.on("connection", (socket, request) => {
    atServer.push(isReplaced(socket), request.url);
    Imported.createWebSocketStream(socket)
      .on("error", () => {})
      .pipe(Required.createWebSocketStream(socket));
  });
  await once(server, "listening");
  const client = new Required(`ws://127.0.0.1:${server.address().port}/path?query`, { perMessageDeflate: false });
  client.binaryType = "arraybuffer";
  await once(client, "open");
  transcript.isReplaced = [isReplaced(client), atServer.shift()];
  transcript.path = atServer;
  transcript.echoed = [];
  for (const message of [text(50), octets(1000)]) {
    client.send(message);
    const [data, isBinary] = await once(client, "message");
    transcript.echoed.push([isBinary, data instanceof ArrayBuffer, Buffer.from(data).equals(Buffer.from(message))]);
  }
  const done = ending(client);
  client.close(1000);
  transcript.ending = await done;
  await new Promise((resolve) => server.close(resolve));
  return transcript;
});
