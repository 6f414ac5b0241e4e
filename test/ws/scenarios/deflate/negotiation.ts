// What is offered, agreed and refused of permessage-deflate, on the wire and in `extensions`. RFC 7692 §7.1.

import { once } from "node:events";
import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { closed, dial, listen, pair } from "../../support.ts";
import { rawConnect, requestText, upgrading } from "../../wire.ts";

const offers: readonly string[] = [
  "permessage-deflate",
  "permessage-deflate; client_max_window_bits",
  "permessage-deflate; client_max_window_bits=10",
  "permessage-deflate; client_max_window_bits=8",
  "permessage-deflate; server_max_window_bits=12",
  "permessage-deflate; server_max_window_bits=8",
  'permessage-deflate; server_max_window_bits="12"',
  "permessage-deflate; server_no_context_takeover",
  "permessage-deflate; client_no_context_takeover",
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits; server_max_window_bits=15",
  "permessage-deflate; server_max_window_bits=10, permessage-deflate",
  "permessage-deflate; server_no_context_takeover, permessage-deflate; client_max_window_bits",
  "x-other, permessage-deflate; client_max_window_bits",
  "x-other; a=b",
  "PERMESSAGE-DEFLATE",
  "permessage-deflate; server_max_window_bits",
  "permessage-deflate; server_max_window_bits=7",
  "permessage-deflate; server_max_window_bits=16",
  "permessage-deflate; client_max_window_bits=ten",
  "permessage-deflate; server_no_context_takeover=true",
  "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
  "permessage-deflate; unknown",
  "permessage-deflate;",
  "permessage-deflate, ",
  "",
  "per message deflate",
];

const serverOptions: Record<string, unknown> = {
  true: true,
  "no context takeover of the server": { serverNoContextTakeover: true },
  "context takeover of the server": { serverNoContextTakeover: false },
  "no context takeover of the client": { clientNoContextTakeover: true },
  "window bits of the server": { serverMaxWindowBits: 11 },
  "window bits of the server are 15": { serverMaxWindowBits: false },
  "window bits of the client": { clientMaxWindowBits: 11 },
  "window bits of the client are 15": { clientMaxWindowBits: false },
};

export const scenarios: Scenarios = {
  "each offer has its answer, for each kind of server": {
    covers: ["option perMessageDeflate"],
    sides: "server",
    async run(scene) {
      for (const [name, perMessageDeflate] of Object.entries(serverOptions)) {
        const { wss, port } = await listen(scene, { perMessageDeflate });
        wss.on("connection", (served: Loose) => scene.log("server", name, served.extensions));
        for (const offer of offers) {
          const wire = await rawConnect(scene, port);
          wire.say(requestText({ "Sec-WebSocket-Extensions": offer }));
          const [line, ...fields] = (await wire.readHead()).split("\r\n");
          const answer = fields.find((field) => /^sec-websocket-extensions/i.test(field));
          scene.log("peer", name, offer, line!.slice(9, 12), answer);
          if (!line!.includes("101")) scene.log("peer", await wire.restText());
          wire.reset();
        }
      }
    },
  },

  "each kind of client has its offer, and takes some answers": {
    covers: ["option perMessageDeflate", "websocket.extensions"],
    sides: "client",
    async run(scene) {
      const options: unknown[] = [
        true,
        {},
        { clientMaxWindowBits: false },
        { clientMaxWindowBits: true },
        { clientMaxWindowBits: 12 },
        { serverMaxWindowBits: 12, serverNoContextTakeover: true },
        { clientNoContextTakeover: true },
        { clientNoContextTakeover: false },
        { threshold: 0, concurrencyLimit: 5, zlibDeflateOptions: { level: 1 } },
      ];
      const answers = [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits=12",
        "permessage-deflate; client_max_window_bits=13",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits=12",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate, permessage-deflate",
      ];
      for (const perMessageDeflate of options) {
        for (const answer of answers) {
          let offer = "";
          const { url } = await upgrading(
            scene,
            (wire) => {
              [, offer = "none"] = /^Sec-WebSocket-Extensions: (.*)$/m.exec(wire.head) ?? [];
            },
            { changes: { "Sec-WebSocket-Extensions": answer } },
          );
          const client = dial(scene, url, { perMessageDeflate });
          const over = closed(client);
          const outcome = await new Promise<string>((resolve) => {
            client.on("open", () => resolve(`open ${client.extensions}`));
            client.on("error", (error: Error) => resolve(error.message));
          });
          scene.log("client", offer, perMessageDeflate, answer, outcome);
          client.terminate();
          await over;
        }
      }
    },
  },

  "extensions tells what was agreed, and _extensions with what": {
    covers: ["websocket.extensions", "option perMessageDeflate", "internals"],
    async run(scene) {
      const kinds = [false, true, { serverNoContextTakeover: true, clientMaxWindowBits: 10, serverMaxWindowBits: 11 }];
      for (const ofServer of kinds) {
        for (const ofClient of kinds) {
          const { served, client } = await pair(scene, {
            server: { perMessageDeflate: ofServer },
            client: { perMessageDeflate: ofClient },
          });
          for (const [actor, socket] of [
            ["server", served],
            ["client", client],
          ] as const) {
            const agreed = socket._extensions["permessage-deflate"];
            scene.log(actor, ofServer, ofClient, socket.extensions, agreed?.params, Object.keys(socket._extensions));
          }
        }
      }
    },
  },

  "an offer that no server option can meet is 400": {
    covers: ["option perMessageDeflate", "event unexpected-response"],
    async run(scene) {
      const { wss, url } = await listen(scene, { perMessageDeflate: { clientMaxWindowBits: 10 } });
      wss.on("connection", () => scene.log("server", "connection"));
      const client = dial(scene, url, { perMessageDeflate: { clientMaxWindowBits: false } });
      const [error] = await once(client, "error");
      scene.log("client", (error as Error).message);
    },
  },
};
