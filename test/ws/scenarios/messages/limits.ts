// How long, in how many pieces, and of which octets a message may be: each breach with its error and its Close.

import { concat, hex, utf8 } from "../../../support/octets.ts";
import type { Loose } from "../../implementations.ts";
import type { Scenarios, Scene } from "../../scenario.ts";
import { listen, watch } from "../../support.ts";
import { closePayload, fromClient, type Octets, rawClient } from "../../wire.ts";

/** Has a bare client send parts to a server, then its Close; writes down what each end sees. */
export async function exchange(scene: Scene, name: string, options: object, parts: readonly Octets[]): Promise<void> {
  const { wss, port } = await listen(scene, options);
  scene.log("server", name);
  const over = new Promise<void>((resolve) => {
    wss.on("connection", (served: Loose) => {
      watch(scene.log, "server", served);
      served.on("error", (error: Error) => scene.log("server", "says", error.message));
      served.on("close", () => resolve());
    });
  });
  const wire = await rawClient(scene, port);
  wire.send(...parts, fromClient(8, closePayload(1000)));
  scene.log("peer", name, await wire.rest());
  wire.end();
  await over;
}

const text = (octets: string | Uint8Array, bits: object = {}): Uint8Array => fromClient(1, octets, bits);
const more = (octets: string | Uint8Array, bits: object = {}): Uint8Array => fromClient(0, octets, bits);

export const scenarios: Scenarios = {
  "maxPayload: as long as allowed, one octet longer, and without limit": {
    covers: ["option maxPayload", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"],
    sides: "server",
    async run(scene) {
      const cases: [string, object, Uint8Array[]][] = [
        ["exact", { maxPayload: 10 }, [fromClient(2, new Uint8Array(10))]],
        ["one more", { maxPayload: 10 }, [fromClient(2, new Uint8Array(11))]],
        ["header alone", { maxPayload: 10 }, [hex("82 8b 00 00 00 00")]],
        ["fragments, exact", { maxPayload: 10 }, [text("12345", { fin: false }), more("67890")]],
        ["fragments, one more", { maxPayload: 10 }, [text("12345", { fin: false }), more("678901")]],
        ["two messages", { maxPayload: 10 }, [text("1234567890"), text("1234567890")]],
        ["octets count, not characters", { maxPayload: 10 }, [text("\u20ac\u20ac\u20ac\u20ac")]],
        ["0 is no limit", { maxPayload: 0 }, [fromClient(2, new Uint8Array(70_000))]],
        ["control frames are free", { maxPayload: 1 }, [fromClient(9, "a ping of many octets")]],
        ["after a good one", { maxPayload: 3 }, [text("abc"), text("abcd"), text("abc")]],
      ];
      for (const [name, options, parts] of cases) await exchange(scene, name, options, parts);
    },
  },

  "maxFragments: as many as allowed, and one more": {
    covers: ["option maxFragments", "WS_ERR_TOO_MANY_BUFFERED_PARTS"],
    sides: "server",
    async run(scene) {
      const fragments = (count: number): Uint8Array[] => [
        text("a", { fin: false }),
        ...Array.from({ length: count - 2 }, () => more("b", { fin: false })),
        more("c"),
      ];
      await exchange(scene, "3 of 3", { maxFragments: 3 }, fragments(3));
      await exchange(scene, "4 of 3", { maxFragments: 3 }, fragments(4));
      await exchange(scene, "0 is no limit", { maxFragments: 0 }, fragments(200));
      await exchange(scene, "each message anew", { maxFragments: 3 }, [...fragments(3), ...fragments(2), text("d")]);
      const empty = [text("", { fin: false }), more("", { fin: false }), more("", { fin: false }), more("")];
      await exchange(scene, "empty ones count", { maxFragments: 3 }, empty);
    },
  },

  "maxBufferedChunks: a frame in too many chunks": {
    covers: ["option maxBufferedChunks", "WS_ERR_TOO_MANY_BUFFERED_PARTS"],
    sides: "server",
    async run(scene) {
      const { wss, port } = await listen(scene, { maxBufferedChunks: 5 });
      const over = new Promise<void>((resolve) => {
        wss.on("connection", (served: Loose) => {
          watch(scene.log, "server", served);
          served.on("error", (error: Error) => scene.log("server", "says", error.message));
          served.on("close", () => resolve());
        });
      });
      const wire = await rawClient(scene, port);
      wire.send(text("few"));
      await wire.trickle(fromClient(2, new Uint8Array(60)));
      wire.send(fromClient(8));
      scene.log("peer", await wire.rest());
      wire.end();
      await over;
    },
    differs: [
      {
        reason: "chunks are not kept as such: there is nothing to be limited",
        side: "server",
        transcript: {
          peer: ['["close", "FIN"]'],
          server: [
            "message in 1: Buffer(66 65 77) false",
            `message in 1: Buffer(${"00 ".repeat(60).trim()}) true`,
            "close in 3: 1005 Buffer()",
          ],
        },
      },
    ],
  },

  "text must be UTF-8": {
    covers: ["WS_ERR_INVALID_UTF8", "event error", "event close"],
    sides: "server",
    async run(scene) {
      const good: Record<string, Uint8Array[]> = {
        "one to four octets a character": [text("a\u00e9\u20ac\u{1f600}")],
        "cut within a character": [text(hex("e2"), { fin: false }), more(hex("82"), { fin: false }), more(hex("ac"))],
        "a noncharacter": [text("\uffff\u{10ffff}")],
        "the mark of byte order": [text("\ufeffa")],
        "no character": [text("")],
        "octets 0": [text("\0\0")],
      };
      const bad: Record<string, string> = {
        "a lone continuation": "80",
        "an end within a character": "61 e2 82",
        "an overlong slash": "c0 af",
        "half a surrogate pair": "ed a0 80",
        "beyond U+10FFFF": "f4 90 80 80",
        "an octet that never is": "61 ff",
      };
      for (const [name, parts] of Object.entries(good)) await exchange(scene, name, {}, parts);
      for (const [name, octets] of Object.entries(bad)) await exchange(scene, name, {}, [text(hex(octets))]);
      await exchange(scene, "within long text", {}, [text(concat(utf8("x".repeat(1000)), hex("ff"), utf8("y")))]);
      await exchange(scene, "across fragments", {}, [text(hex("e2"), { fin: false }), more(hex("61"))]);
    },
  },

  "skipUTF8Validation lets any octets be text": {
    covers: ["option skipUTF8Validation"],
    sides: "server",
    async run(scene) {
      await exchange(scene, "text", { skipUTF8Validation: true }, [text(hex("61 ff"))]);
    },
  },

  "skipUTF8Validation and a Close": {
    covers: ["option skipUTF8Validation"],
    sides: "server",
    async run(scene) {
      const close = fromClient(8, concat(hex("03 e8"), hex("ff")));
      await exchange(scene, "reason", { skipUTF8Validation: true }, [close]);
    },
    differs: [
      {
        reason: "a Close's reason is text that is shown to people, and judged in any case (RFC 6455 §5.5.1)",
        side: "server",
        transcript: {
          peer: ['reason ["close 03 ef", "FIN"]'],
          server: ["reason", "error in 2: Error WS_ERR_INVALID_UTF8", 'says "<frame>"', "close in 3: 1006 Buffer()"],
        },
      },
    ],
  },
};
