// The part of the browser's EventTarget that a WebSocket has: attributes, listeners, and the events that they get.

import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { closed, dial, pair, thrown } from "../../support.ts";
import { fromServer, upgrading } from "../../wire.ts";

const types = ["open", "message", "close", "error"] as const;

/** What an event tells: its class, and each property that events of its kind have. */
function shown(event: Loose, socket: Loose): unknown[] {
  const { type, data, code, reason, wasClean, message, error } = event;
  return [event.constructor.name, { type, data, code, reason, wasClean, message, error }, event.target === socket];
}

export const scenarios: Scenarios = {
  "the attributes onopen, onmessage, onclose and onerror": {
    covers: ["websocket.onopen", "websocket.onmessage", "websocket.onclose", "websocket.onerror"],
    async run(scene) {
      const { client } = await pair(scene);
      for (const type of types) {
        const name = `on${type}`;
        const first = () => {};
        const second = () => {};
        scene.log("client", name, client[name], client.listenerCount(type), name in client);
        client[name] = first;
        scene.log("client", "set", client[name] === first, client.listenerCount(type));
        client[name] = second;
        scene.log("client", "set again", client[name] === second, client.listenerCount(type));
        for (const value of ["text", 5, {}, undefined, null]) {
          client[name] = first;
          client[name] = value;
          scene.log("client", "set to", value, client[name], client.listenerCount(type));
        }
        client.on(type, first);
        client.addEventListener(type, second);
        scene.log("client", "others do not count", client[name], client.listenerCount(type));
        client[name] = second;
        client.removeEventListener(type, second);
        scene.log("client", "removed is the other", client[name] === second, client.listenerCount(type));
        client.removeEventListener(type, second);
        scene.log("client", "the attribute stays", client[name] === second, client.listenerCount(type));
        client.removeAllListeners(type);
        scene.log("client", "all removed", client[name], client.listenerCount(type));
      }
    },
  },

  "events by attribute": {
    covers: ["websocket.onopen", "websocket.onmessage", "websocket.onclose", "websocket.onerror"],
    async run(scene) {
      const { served, client } = await pair(scene, {
        dialled: (client) => {
          for (const type of types) {
            client[`on${type}`] = function (this: unknown, ...values: Loose[]) {
              scene.log("client", ...shown(values[0], client), this === client, values.length);
            };
          }
        },
      });
      served.send("text");
      served.send(Buffer.from([1, 2]));
      served.close(1001, "reason");
      await closed(client);
    },
  },

  "the event of an error": {
    covers: ["websocket.onerror", "websocket.onclose"],
    sides: "client",
    async run(scene) {
      const { url } = await upgrading(scene, async (wire) => {
        wire.send(fromServer(5));
        await wire.rest();
        wire.end();
      });
      const client = dial(scene, url);
      client.onerror = (event: Loose) => scene.log("client", ...shown(event, client));
      client.onclose = (event: Loose) => scene.log("client", ...shown(event, client));
      await closed(client);
    },
  },

  "addEventListener() takes functions and objects, and each once": {
    covers: ["websocket.addEventListener", "websocket.removeEventListener"],
    async run(scene) {
      const { served, client } = await pair(scene);
      const listener = () => scene.log("client", "function");
      const object = {
        handleEvent(this: unknown, event: Loose) {
          scene.log("client", "object", this === object, event.data);
        },
      };
      scene.log("client", client.addEventListener("message", listener), client.listenerCount("message"));
      client.addEventListener("message", listener);
      client.addEventListener("message", object);
      client.addEventListener("message", object);
      scene.log("client", "each once", client.listenerCount("message"));
      client.addEventListener("message", () => scene.log("client", "once"), { once: true });
      client.addEventListener("message", () => scene.log("client", "other options"), { capture: true, passive: true });
      client.onmessage = listener;
      scene.log("client", "the attribute beside it", client.listenerCount("message"));
      served.send("one");
      served.send("two");
      await new Promise<void>((resolve) => {
        let count = 0;
        client.on("message", () => ++count === 2 && resolve());
      });
      client.removeEventListener("message", listener);
      client.removeEventListener("message", object);
      client.removeEventListener("message", () => {});
      scene.log("client", "removed", client.listenerCount("message"));
      served.send("three");
      served.close();
      await closed(client);
    },
  },

  "types that are no events of a WebSocket have no listeners": {
    covers: ["websocket.addEventListener"],
    async run(scene) {
      const { client } = await pair(scene);
      for (const type of ["ping", "pong", "upgrade", "nonsense"]) {
        scene.log(
          "client",
          type,
          thrown(() => client.addEventListener(type, () => {})),
          client.listenerCount(type),
        );
      }
    },
  },

  "listeners are called in the order in which they were added": {
    covers: ["websocket.addEventListener", "event message"],
    async run(scene) {
      const { served, client } = await pair(scene);
      client.on("message", (data: unknown, isBinary: unknown) => scene.log("client", "on", data, isBinary));
      client.onmessage = (event: Loose) => scene.log("client", "attribute", event.data);
      client.addEventListener("message", (event: Loose) => scene.log("client", "listener", event.data));
      client.prependListener("message", () => scene.log("client", "prepended"));
      client.once("message", () => scene.log("client", "once"));
      served.send("text");
      served.send(Buffer.from("octets"));
      served.close();
      await closed(client);
    },
  },

  "text is a string to events, octets are what binaryType says": {
    covers: ["websocket.onmessage", "websocket.binaryType"],
    async run(scene) {
      for (const binaryType of ["nodebuffer", "arraybuffer", "fragments", "blob"]) {
        const { served, client } = await pair(scene);
        client.binaryType = binaryType;
        client.onmessage = (event: Loose) => scene.log("client", binaryType, event.data);
        served.send("\u20ac");
        served.send(Buffer.from([1, 2]));
        served.close();
        await closed(client);
      }
    },
  },

  "an event's properties are enumerable and cannot be set": {
    covers: ["websocket.onmessage"],
    async run(scene) {
      const { served, client } = await pair(scene);
      client.onmessage = (event: Loose) => {
        const names: string[] = [];
        for (const name in event) names.push(name);
        scene.log("client", names.sort());
        scene.log("client", String(thrown(() => Object.assign(event, { data: "other" }))).split(":")[0], event.data);
      };
      client.onclose = (event: Loose) => {
        const names: string[] = [];
        for (const name in event) names.push(name);
        scene.log("client", names.sort());
      };
      served.send("text");
      served.close();
      await closed(client);
    },
  },

  "an application's own listeners are all that there are": {
    covers: ["event message", "event close"],
    async run(scene) {
      const { served, client } = await pair(scene);
      scene.log("client", client.eventNames());
      client.removeAllListeners();
      served.send("unheard");
      client.close();
      await closed(client);
      scene.log("client", client.readyState, client.eventNames());
    },
  },

  "a server listens to its own WebSockets": {
    covers: ["server.clients"],
    sides: "server",
    async run(scene) {
      const { served } = await pair(scene);
      scene.log("server", served.eventNames());
    },
    differs: [
      {
        reason: "removeAllListeners() would leave a closed WebSocket in `clients`",
        side: "server",
        transcript: { server: ["[]"] },
      },
    ],
  },

  "a WebSocket takes any property": {
    covers: ["internals"],
    async run(scene) {
      const { served, client } = await pair(scene);
      for (const [actor, socket] of [
        ["server", served],
        ["client", client],
      ] as const) {
        for (const name of ["id", "_id", "isAlive", "data", "session"]) {
          scene.log(actor, name, name in socket);
          socket[name] = name;
          scene.log(actor, socket[name], Object.keys(socket).includes(name));
        }
        scene.log(actor, "upgradeReq" in socket, typeof socket.on, typeof socket.dispatchEvent);
      }
    },
  },
};
