// What is exported for the handshake's extensions and subprotocols, and the options of permessage-deflate (RFC 7692).

import { once } from "node:events";
import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { pair } from "../../support.ts";

/** Offers of a client, and answers of a server, as headers hold them. */
const headers = [
  "permessage-deflate",
  "permessage-deflate; client_max_window_bits",
  "permessage-deflate; client_max_window_bits=10; server_max_window_bits=10",
  "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
  "permessage-deflate; server_max_window_bits=7",
  "permessage-deflate; server_max_window_bits",
  "permessage-deflate; client_no_context_takeover=1",
  "permessage-deflate; unknown",
  "permessage-deflate; server_max_window_bits=8; server_max_window_bits=9",
];

const optionSets = [
  {},
  { serverNoContextTakeover: true, clientNoContextTakeover: true },
  { serverNoContextTakeover: false, clientNoContextTakeover: false },
  { serverMaxWindowBits: 12, clientMaxWindowBits: 12 },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
  { serverMaxWindowBits: false, clientMaxWindowBits: false },
  { serverMaxWindowBits: true, clientMaxWindowBits: true },
];

/** What a call returns, with its keys in order, or the class of what it throws. */
function outcome(attempt: () => unknown): unknown {
  try {
    const value = attempt();
    const isRecord = typeof value === "object" && value !== null && !(value instanceof Set);
    return isRecord ? JSON.stringify(value, Object.keys(value).sort()) : value;
  } catch (error) {
    return `throws ${(error as Error).constructor.name}`;
  }
}

/** A connection with deflate options, and how a message of the server came. */
async function exchange(scene: Loose, server: object, client: object, text: string): Promise<string[]> {
  const both = await pair(scene, { server: { perMessageDeflate: server }, client: { perMessageDeflate: client } });
  const before = both.client._socket.bytesRead;
  both.served.send(text);
  const [data] = await once(both.client, "message");
  const length = both.client._socket.bytesRead - before;
  return [
    both.client.extensions,
    both.served.extensions,
    `${data}` === text ? "whole" : "broken",
    length < text.length ? "shorter" : "as it is",
  ];
}

export const scenarios: Scenarios = {
  "extension reads and writes the header (§9.1)": {
    covers: ["extension"],
    sides: "server",
    async run({ server: { extension }, log }) {
      for (const header of [
        ...headers,
        "a, b; c=1; c=2",
        'a; b="c"',
        "",
        ",",
        "a;",
        "a b",
        'a; b="c',
        "a; b=",
        "__proto__",
      ]) {
        log(
          "server",
          header,
          outcome(() => extension.format(extension.parse(header))),
        );
      }
    },
  },

  "subprotocol reads the header (§4.1)": {
    covers: ["subprotocol"],
    sides: "server",
    async run({ server: { subprotocol }, log }) {
      for (const header of ["a", "a, b", "a ,b\t,\tc", "a, a", "", ",", "a,", "a b", "é", '"a"']) {
        log(
          "server",
          header,
          outcome(() => subprotocol.parse(header)),
        );
      }
    },
  },

  "PerMessageDeflate offers and accepts (RFC 7692 §7.1)": {
    covers: ["PerMessageDeflate", "option perMessageDeflate"],
    sides: "server",
    async run({ server: { PerMessageDeflate, extension }, log }) {
      log("server", PerMessageDeflate.extensionName);
      for (const options of optionSets) {
        log(
          "server",
          JSON.stringify(options),
          outcome(() => new PerMessageDeflate(options).offer()),
        );
        for (const header of headers) {
          for (const isServer of [true, false]) {
            const deflate = new PerMessageDeflate({ ...options, isServer });
            const configurations = extension.parse(header)[PerMessageDeflate.extensionName];
            log(
              "server",
              isServer,
              header,
              outcome(() => deflate.accept(configurations)),
            );
          }
        }
      }
    },
  },

  "perMessageDeflate: windows, contexts, the threshold and zlib's options are used": {
    covers: ["option perMessageDeflate", "websocket.extensions"],
    async run(scene) {
      const long = "permessage-deflate ".repeat(200);
      const parameters = { serverNoContextTakeover: true, clientNoContextTakeover: true };
      const windows = { serverMaxWindowBits: 10, clientMaxWindowBits: 10, concurrencyLimit: 10 };
      const zlib = { zlibDeflateOptions: { level: 1, memLevel: 5 }, zlibInflateOptions: { chunkSize: 1024 } };
      scene.log("client", await exchange(scene, {}, {}, long));
      scene.log("client", await exchange(scene, { ...parameters, threshold: 1e6 }, {}, long));
      scene.log("client", await exchange(scene, { ...parameters, ...zlib, threshold: 0 }, windows, long));
      scene.log("client", await exchange(scene, { ...windows, ...zlib }, zlib, long));
    },
  },
};
