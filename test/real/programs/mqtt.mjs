// MQTT over ws: the client mqtt, which makes a stream of a ws socket, and the broker aedes on such a stream of the server's.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Aedes } from "aedes";
import mqtt from "mqtt";
import { createWebSocketStream, WebSocketServer } from "ws";
import { closed, isReplaced, listen, octets, tell, text } from "./support.mjs";

const MESSAGE_COUNT = 300;
// The client shows nobody its socket: the class that mqtt loads has to do.
const require = createRequire(import.meta.url);
const Loaded = createRequire(require.resolve("mqtt"))("ws");

tell(async () => {
  const transcript = { isReplaced: [isReplaced(Loaded.prototype)], protocols: [] };
  const broker = await Aedes.createBroker({ heartbeatInterval: 60_000 });
  broker.authenticate = (_, username, __, done) => done(null, username !== "wrong");
  const server = createServer();
  const wss = new WebSocketServer({ server, handleProtocols: (protocols) => (protocols.has("mqtt") ? "mqtt" : false) });
  wss.on("connection", (socket, request) => {
    transcript.isReplaced[1] = isReplaced(socket);
    transcript.protocols.push(socket.protocol);
    const stream = createWebSocketStream(socket);
    stream.on("error", () => {});
    broker.handle(stream, request);
  });
  const port = await listen(server);
  const open = (options = {}) => mqtt.connectAsync(`ws://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options }, false);
  /** Resolves with the next `count` messages a client is given. */
  const take = (client, count) =>
    new Promise((resolve) => {
      const messages = [];
      const onMessage = (topic, payload, { qos, retain }) => {
        messages.push([topic, payload, qos, retain]);
        if (messages.length < count) return;
        client.off("message", onMessage);
        resolve(messages);
      };
      client.on("message", onMessage);
    });

  const subscriber = await open({ clientId: "subscriber" });
  const publisher = await open({
    clientId: "publisher",
    will: { topic: "will", payload: "gone", qos: 1, retain: false },
  });
  transcript.granted = await subscriber.subscribeAsync({ "a/#": { qos: 2 }, will: { qos: 1 } });
  const answers = take(subscriber, 4);
  await publisher.publishAsync("a/zero", "満員", { qos: 0 });
  await publisher.publishAsync("a/one", octets(1000), { qos: 1 });
  await publisher.publishAsync("a/two", "", { qos: 2 });
  await publisher.publishAsync("a/long", text(300_000), { qos: 1 });
  transcript.answers = (await answers).map(([topic, payload, qos]) => [topic, payload.length, qos]);
  transcript.long = `${(await answers)[3][1]}` === text(300_000);

  const many = take(subscriber, MESSAGE_COUNT);
  for (let number = 0; number < MESSAGE_COUNT; number++) publisher.publish("a/many", `${number}`);
  transcript.inOrder = (await many).every(([, payload], index) => `${payload}` === `${index}`);

  await publisher.publishAsync("kept", "still here", { qos: 1, retain: true });
  const kept = take(subscriber, 1);
  await subscriber.subscribeAsync("kept");
  transcript.kept = (await kept).map(([topic, payload, , retain]) => [topic, `${payload}`, retain]);

  // A client that vanishes leaves its will.
  const will = take(subscriber, 1);
  const gone = once(publisher, "close");
  publisher.stream.destroy();
  await gone;
  transcript.will = (await will).map(([topic, payload]) => [topic, `${payload}`]);
  transcript.refused = await open({ username: "wrong" }).catch((error) => error.message);
  await publisher.endAsync(true);
  await subscriber.endAsync();
  await new Promise((resolve) => broker.close(resolve));
  wss.close();
  await closed(server);
  return transcript;
});
