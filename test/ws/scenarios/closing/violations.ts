// Each rule of the framing that a peer may break: the error's class and code, the Close that the peer reads, and the order
// of 'error' and 'close'. RFC 6455 §5, §7.1.7.

import { concat, hex } from "../../../support/octets.ts";
import type { Loose } from "../../implementations.ts";
import type { Member } from "../../members.ts";
import type { Scenario, Scenarios } from "../../scenario.ts";
import { closed, dial, listen, watch } from "../../support.ts";
import { closePayload, fromClient, fromServer, type Octets, rawClient, upgrading } from "../../wire.ts";
import { exchange } from "../messages/limits.ts";

/** What a client sends to break a rule, by the code of the rule. */
const ofClients: Readonly<Record<string, Readonly<Record<string, readonly Octets[]>>>> = {
  WS_ERR_EXPECTED_FIN: {
    "a ping in fragments": [fromClient(9, "a", { fin: false })],
    "a Close in fragments": [fromClient(8, "", { fin: false })],
  },
  WS_ERR_EXPECTED_MASK: {
    "text without a mask": [fromServer(1, "a")],
    "a Close without a mask": [fromServer(8)],
    "after a good message": [fromClient(1, "good"), fromServer(2, "a")],
  },
  WS_ERR_INVALID_CLOSE_CODE: {
    "code 999": [fromClient(8, closePayload(999))],
    "code 1004": [fromClient(8, closePayload(1004))],
    "code 1005": [fromClient(8, closePayload(1005))],
    "code 1006": [fromClient(8, closePayload(1006, "why"))],
    "code 1015": [fromClient(8, closePayload(1015))],
    "code 2000": [fromClient(8, closePayload(2000))],
    "code 5000": [fromClient(8, closePayload(5000))],
  },
  WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: {
    "a ping of 126": [fromClient(9, new Uint8Array(126))],
    "a pong of 65536": [fromClient(10, new Uint8Array(65536))],
    "a Close of 1": [fromClient(8, "a")],
  },
  WS_ERR_INVALID_OPCODE: {
    "opcode 3": [fromClient(3, "a")],
    "opcode 7": [fromClient(7)],
    "opcode 11": [fromClient(11)],
    "opcode 15": [fromClient(15)],
    "a continuation of nothing": [fromClient(0, "a")],
    "a continuation after the end": [fromClient(1, "a", { fin: false }), fromClient(0, "b"), fromClient(0, "c")],
    "text within text": [fromClient(1, "a", { fin: false }), fromClient(1, "b")],
    "binary within text": [fromClient(1, "a", { fin: false }), fromClient(2, "b")],
  },
  WS_ERR_INVALID_UTF8: {
    text: [fromClient(1, hex("ff"))],
    "a reason": [fromClient(8, concat(closePayload(1000), hex("c3 28")))],
  },
  WS_ERR_UNEXPECTED_RSV_1: {
    text: [fromClient(1, "a", { rsv: 4 })],
    "a ping": [fromClient(9, "a", { rsv: 4 })],
    "a continuation": [fromClient(1, "a", { fin: false }), fromClient(0, "b", { rsv: 4 })],
  },
  WS_ERR_UNEXPECTED_RSV_2_3: {
    RSV2: [fromClient(1, "a", { rsv: 2 })],
    RSV3: [fromClient(2, "a", { rsv: 1 })],
    "all three": [fromClient(1, "a", { rsv: 7 })],
    "on a Close": [fromClient(8, "", { rsv: 1 })],
  },
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: {
    "2^53 octets": [hex("82 ff 00 20 00 00 00 00 00 00 00 00 00 00")],
  },
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: {
    "above the default of 100 MiB": [hex("82 ff 00 00 00 00 06 40 00 01 00 00 00 00")],
  },
};

/** What is allowed though it looks odd: it must be no error. */
const allowed: Readonly<Record<string, readonly Octets[]>> = {
  "a key of zeros": [hex("81 82 00 00 00 00 48 69")],
  "a ping within a message": [fromClient(1, "a", { fin: false }), fromClient(9, "p"), fromClient(0, "b")],
  "a pong that nobody asked for": [fromClient(10, "why")],
  "fragments without octets": [fromClient(1, "", { fin: false }), fromClient(0, "", { fin: false }), fromClient(0)],
};

const broken = Object.entries(ofClients).map(([code, cases]): [string, Scenario] => [
  `a client breaks ${code}`,
  {
    covers: [code as Member, "event error", "event close"],
    sides: "server",
    async run(scene) {
      for (const [name, parts] of Object.entries(cases)) await exchange(scene, name, {}, parts);
    },
  },
]);

export const scenarios: Scenarios = {
  ...Object.fromEntries(broken),

  "what is allowed": {
    covers: ["event message"],
    sides: "server",
    async run(scene) {
      for (const [name, parts] of Object.entries(allowed)) await exchange(scene, name, {}, parts);
    },
  },

  "a length with its top bit set": {
    covers: ["WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"],
    sides: "server",
    async run(scene) {
      await exchange(scene, "2^63", {}, [hex("82 ff 80 00 00 00 00 00 00 00 00 00 00 00")]);
    },
    differs: [
      {
        reason: "that is no length but a broken rule: 1002 (RFC 6455 §5.2)",
        side: "server",
        transcript: { peer: ['2^63 ["close 03 ea", "FIN"]'] },
      },
    ],
  },

  "a length longer than it need be": {
    covers: ["event error"],
    sides: "server",
    async run(scene) {
      await exchange(scene, "16 bits", {}, [fromClient(1, "a", { lengthForm: 16 })]);
    },
    differs: [
      {
        reason: "the shortest form is a must (RFC 6455 §5.2)",
        side: "server",
        transcript: {
          peer: ['16 bits ["close 03 ea", "FIN"]'],
          server: [
            "16 bits",
            "error in 2: RangeError WS_LENGTH_NOT_MINIMAL",
            'says "<frame>"',
            "close in 3: 1006 Buffer()",
          ],
        },
      },
    ],
  },

  "a server breaks rules": {
    covers: ["WS_ERR_UNEXPECTED_MASK", "WS_ERR_INVALID_OPCODE", "WS_ERR_UNEXPECTED_RSV_1", "event error"],
    sides: "client",
    async run(scene) {
      const cases: Record<string, Octets> = {
        "a mask": fromClient(1, "a"),
        "an opcode": fromServer(5),
        "RSV1 where nothing was agreed": fromServer(1, "a", { rsv: 4 }),
        "a ping too long": fromServer(9, new Uint8Array(126)),
        "no UTF-8": fromServer(1, hex("c0 80")),
      };
      for (const [name, part] of Object.entries(cases)) {
        const { url } = await upgrading(scene, async (wire) => {
          wire.send(part);
          scene.log("peer", name, await wire.rest());
          wire.end();
        });
        scene.log("client", name);
        const client = dial(scene, url);
        watch(scene.log, "client", client);
        await closed(client);
      }
    },
  },

  "an error within the packet of the handshake's answer": {
    covers: ["event error", "event open"],
    sides: "client",
    async run(scene) {
      const parts = [fromServer(1, "good"), fromServer(5)];
      const { url } = await upgrading(
        scene,
        async (wire) => {
          scene.log("peer", await wire.rest());
          wire.end();
        },
        { parts },
      );
      const client = dial(scene, url);
      watch(scene.log, "client", client);
      await closed(client);
    },
  },

  "after an error a socket may be left, closed and terminated": {
    covers: ["event error", "websocket.close", "websocket.terminate", "websocket.send"],
    sides: "server",
    async run(scene) {
      for (const method of ["close", "terminate", "send"]) {
        const { wss, port } = await listen(scene);
        const over = new Promise<void>((resolve) => {
          wss.on("connection", (served: Loose) => {
            watch(scene.log, "server", served);
            served.on("error", () => {
              scene.log("server", method, served[method](method === "send" ? "x" : undefined), served.readyState);
            });
            served.on("close", () => resolve());
          });
        });
        const wire = await rawClient(scene, port);
        wire.send(fromClient(5));
        const rest = await wire.rest();
        if (method !== "terminate") scene.log("peer", rest);
        wire.end();
        await over;
      }
    },
  },

  "an error while paused waits for resume()": {
    covers: ["websocket.pause", "event error"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene);
      const over = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose) => {
          watch(scene.log, "server", served);
          served.pause();
          setTimeout(() => {
            scene.log("server", "resuming");
            served.resume();
          }, 50);
          served.on("close", () => resolve());
        });
      });
      const wire = await rawClient(scene, port);
      wire.send(fromClient(1, "good"), fromClient(5));
      scene.log("peer", await wire.rest());
      wire.end();
      await over;
    },
  },
};
