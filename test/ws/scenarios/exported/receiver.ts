// Receiver: a Writable of frames, fed in pieces, that emits what they hold.

import { finished } from "node:stream/promises";
import { deflateRawSync } from "node:zlib";
import { concat, hex, Random } from "../../../support/octets.ts";
import type { Loose } from "../../implementations.ts";
import type { Scenario, Scenarios, Scene } from "../../scenario.ts";
import { callback } from "../../support.ts";
import { closePayload, fromClient, fromServer } from "../../wire.ts";

/** A receiver whose every event is written down. */
function receiving(scene: Scene, options?: object): Loose {
  const receiver = new scene.server.Receiver(options);
  for (const name of ["message", "ping", "pong", "conclude", "finish", "drain"])
    receiver.on(name, callback(scene.log, "receiver", name));
  receiver.on("error", (error: Error) => scene.log("receiver", "error", error, error.message));
  return receiver;
}

/** Feeds parts to a receiver, ends it, and waits for what it makes of them. */
async function feed(scene: Scene, options: object | undefined, parts: readonly Uint8Array[]): Promise<void> {
  const receiver = receiving(scene, options);
  for (const part of parts) receiver.write(Buffer.from(part));
  receiver.end();
  await finished(receiver).catch(() => {});
}

function fed(cases: () => Record<string, [options: object | undefined, parts: readonly Uint8Array[]]>): Scenario {
  return {
    covers: ["Receiver"],
    sides: "server",
    async run(scene) {
      for (const [name, [options, parts]] of Object.entries(cases())) {
        scene.log("receiver", `- ${name}`);
        await feed(scene, options, parts);
      }
    },
  };
}

/** One octet a part. */
const singly = (octets: Uint8Array): Uint8Array[] => Array.from(octets, (octet) => Uint8Array.of(octet));

const text = fromServer(1, "h\u20acllo");
const long = new Random(9).octets(70_000);

export const scenarios: Scenarios = {
  "frames of every kind, whole and in pieces": fed(() => ({
    text: [undefined, [text]],
    "text, octet by octet": [undefined, singly(text)],
    "no text": [{}, [fromServer(1)]],
    octets: [{}, [fromServer(2, "octets")]],
    "octets of 126": [{}, [fromServer(2, new Uint8Array(126))]],
    "octets of 70000, in thirds": [
      {},
      [0, 1, 2].map((third) => fromServer(2, long).subarray(third * 23_337, (third + 1) * 23_337)),
    ],
    "a client's, masked": [{ isServer: true }, [fromClient(1, "masked"), fromClient(2, long)]],
    "two in one": [{}, [concat(fromServer(1, "one"), fromServer(1, "two"))]],
    "a ping and a pong": [{}, [fromServer(9, "ping"), fromServer(10)]],
    "fragments, a ping between": [{}, [fromServer(1, "a", { fin: false }), fromServer(9, "p"), fromServer(0, "b")]],
    "an end within a frame": [{}, [text.subarray(0, 4)]],
  })),

  "a Close concludes": fed(() => ({
    "without a code": [{}, [fromServer(8)]],
    "with a code": [{}, [fromServer(8, closePayload(1000))]],
    "with a reason": [{}, [fromServer(8, closePayload(1000, "because"))]],
    "octet by octet": [{}, singly(fromServer(8, closePayload(4000, "x")))],
    "and what follows is not looked at": [{}, [concat(fromServer(8), fromServer(1, "never"), hex("ff ff"))]],
  })),

  "octets come as binaryType says": fed(() =>
    Object.fromEntries(
      ["nodebuffer", "arraybuffer", "fragments", "blob"].map((binaryType) => [
        binaryType,
        [{ binaryType }, [fromServer(2, "c"), fromServer(1, "t")]],
      ]),
    ),
  ),

  "rules that are broken": fed(() => ({
    RSV1: [{}, [fromServer(1, "a", { rsv: 4 })]],
    RSV2: [{}, [fromServer(1, "a", { rsv: 2 })]],
    "an opcode": [{}, [fromServer(3)]],
    "a mask": [{}, [fromClient(1, "a")]],
    "no mask": [{ isServer: true }, [fromServer(1, "a")]],
    "a continuation of nothing": [{}, [fromServer(0)]],
    "a ping of 126": [{}, [fromServer(9, new Uint8Array(126))]],
    "a ping in fragments": [{}, [fromServer(9, "", { fin: false })]],
    "no UTF-8": [{}, [fromServer(1, hex("ff"))]],
    "no UTF-8, not looked at": [{ skipUTF8Validation: true }, [fromServer(1, hex("ff"))]],
    "no UTF-8 in a reason": [{}, [fromServer(8, concat(closePayload(1000), hex("ff")))]],
    "a code that is none": [{}, [fromServer(8, closePayload(1005))]],
    "a Close of one octet": [{}, [fromServer(8, "a")]],
    "2^53 octets": [{}, [hex("82 7f 00 20 00 00 00 00 00 00")]],
    "too long": [{ maxPayload: 3 }, [fromServer(2, "four")]],
    "too long together": [{ maxPayload: 3 }, [fromServer(2, "ab", { fin: false }), fromServer(0, "cd")]],
    "too many fragments": [{ maxFragments: 1 }, [fromServer(2, "a", { fin: false }), fromServer(0, "b")]],
    "good ones before": [{}, [concat(fromServer(1, "good"), fromServer(9), fromServer(5))]],
  })),

  "one event a turn, or all at once": {
    covers: ["Receiver", "option allowSynchronousEvents"],
    sides: "server",
    async run(scene) {
      for (const allowSynchronousEvents of [undefined, true, false]) {
        const receiver = receiving(scene, { allowSynchronousEvents });
        receiver.on("message", () => process.nextTick(() => scene.log("receiver", "a tick later")));
        receiver.write(Buffer.from(concat(fromServer(1, "a"), fromServer(9, "b"), fromServer(2, "c"))), () =>
          scene.log("receiver", "written"),
        );
        scene.log("receiver", "write() has returned");
        receiver.end();
        await finished(receiver);
      }
    },
  },

  "compressed messages": {
    covers: ["Receiver", "PerMessageDeflate"],
    sides: "server",
    async run(scene) {
      const cases: Record<string, Uint8Array[]> = {
        whole: [fromServer(1, hex("f2 48 cd c9 c9 07 00"), { rsv: 4 })],
        fragments: [fromServer(1, hex("f2 48 cd"), { rsv: 4, fin: false }), fromServer(0, hex("c9 c9 07 00"))],
        "and others": [fromServer(1, "a"), fromServer(1, hex("f2 48 cd c9 c9 07 00"), { rsv: 4 }), fromServer(9, "p")],
        "too long": [fromServer(1, deflateRawSync("x".repeat(50), { finishFlush: 2 }), { rsv: 4 })],
      };
      for (const [name, parts] of Object.entries(cases)) {
        const agreed = new scene.server.PerMessageDeflate({ maxPayload: 20 });
        agreed.accept([{}]);
        scene.log("receiver", `- ${name}`);
        await feed(scene, { extensions: { "permessage-deflate": agreed }, maxPayload: 20 }, parts);
        agreed.cleanup();
      }
    },
  },
};
