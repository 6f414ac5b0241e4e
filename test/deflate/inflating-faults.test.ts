// What is wrong with compressed messages, and what is too much: each fails its connection with a documented code, at once where
// that can be known, and nothing behind it is told. RFC 7692 §7.2.2, RFC 6455 §8.1, §10.4.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { LimitError } from "../../bindings/errors/classes.ts";
import { closeEvent, textEvent } from "../connection/support.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, utf8 } from "../support/octets.ts";
import { octetByOctet } from "../support/peer.ts";
import {
  type Deflation,
  deflated,
  deflatedWhole,
  deflateEndpoint,
  flushed,
  noise,
  providers,
  words,
} from "./support.ts";

const SCRATCH = 65536;

/** Payloads that are no DEFLATE stream (RFC 1951), or not a whole one. */
const corrupt: Readonly<Record<string, Uint8Array>> = {
  "a block of the reserved kind": hex("07"),
  "two of them": hex("ff ff"),
  "a stored block whose length is not confirmed": hex("00 05 00 00 00 48 65 6c 6c 6f 00"),
  "a stored block with a length of its own and another's complement": hex("00 05 00 fb ff 48 65 6c 6c 6f 00"),
  "a match that reaches behind the first octet": hex("02 13 00 00"),
  "a match into a message that was never sent": deflated(noise(300), { before: noise(300) }),
  "dynamic codes that are no code": hex("05 e0 81 00 00 00 00 00 10 ff 00 00 00"),
  "octets behind a final block that are no block": concat(deflatedWhole("Hello").subarray(0, -1), hex("ff ff")),
  "an error behind one scratch region": concat(deflated("x".repeat(SCRATCH)), hex("ff ff ff")),
  "an error behind 70,000 octets": concat(deflated("x".repeat(70_000)), hex("ff ff ff")),
  "an error behind 400,000 octets": concat(deflated("x".repeat(400_000)), hex("ff ff ff")),
  "an error behind 400,000 octets that take more": concat(deflated(words(400_000)), hex("ff ff ff")),
};

/** Payloads that end too soon. */
const truncated: Readonly<Record<string, Uint8Array>> = {
  "inside a stored block": hex("00 64 00 9b ff 48 65 6c 6c 6f"),
  "inside a block of fixed codes": deflated("Hello").subarray(0, 3),
  "inside the first code table": deflated(words(1000)).subarray(0, 20),
  "behind much": deflated(words(100_000)).subarray(0, -20),
};

for (const tested of kernels) {
  for (const { label, make } of providers) {
    const test = builtOnKernel(`inflating what is wrong, ${label}`, tested);

    /** What an endpoint makes of chunks, with a plain message behind them: its events, and its Close. */
    async function verdict(
      chunks: (made: ReturnType<typeof deflateEndpoint>) => readonly Uint8Array[],
      deflation: Deflation = {},
      options: Parameters<typeof deflateEndpoint>[2] = {},
    ) {
      const made = deflateEndpoint(make(), deflation, options);
      await made.hear(...chunks(made));
      made.connection.receive(made.peer.text("behind"));
      await made.provider.quiet();
      const { events, errors } = made;
      const told = [...events];
      const closes = made.sent();
      made.connection.transportClosed();
      await made.provider.quiet();
      made.provider.check(made.provider.openCount); // no fault
      assert.equal(made.provider.faults, []);
      return { told, closes, errors, provider: made.provider };
    }

    test("what is no DEFLATE stream fails with 1007, whole, in fragments and in single octets (§7.2.2)", async () => {
      for (const [name, payload] of Object.entries(corrupt)) {
        for (const peerContextTakeover of [true, false]) {
          const half = payload.length >>> 1;
          const isSmall = payload.length < 100;
          for (const cut of ["whole", "in two", ...(isSmall ? ["octets"] : [])]) {
            const { told, closes } = await verdict(
              ({ compressed, peer }) => {
                if (cut === "whole") return [compressed(2, payload)];
                const frames = [compressed(2, payload.subarray(0, half), false), peer.more(payload.subarray(half))];
                return cut === "in two" ? frames : octetByOctet(concat(...frames));
              },
              { peerContextTakeover },
            );
            const what = `${name}, ${cut}, takeover ${peerContextTakeover}`;
            assert.equal(told, ["error WS_INFLATE"], what);
            assert.equal(closes, [closeEvent(1007)], what);
          }
        }
      }
    });

    test("a message without an octet fails with 1007, and so do its fragments (§7.2.3.6)", async () => {
      for (const peerContextTakeover of [true, false]) {
        for (const opcode of [1, 2]) {
          for (const fragments of [0, 1, 5]) {
            const { told, closes } = await verdict(
              ({ compressed, peer }) => [
                compressed(opcode, new Uint8Array(0), fragments === 0),
                ...Array.from({ length: fragments }, (_, index) => peer.more("", index === fragments - 1)),
              ],
              { peerContextTakeover },
            );
            assert.equal(told, ["error WS_INFLATE"], `${fragments} fragments behind, takeover ${peerContextTakeover}`);
            assert.equal(closes, [closeEvent(1007)]);
          }
        }
      }
    });

    test("empty fragments of a message that has octets are nothing wrong (§5.4)", async () => {
      for (const peerContextTakeover of [true, false]) {
        const made = deflateEndpoint(make(), { peerContextTakeover });
        const { compressed, peer, hear } = made;
        const none = new Uint8Array(0);
        const whole = deflated("Hello");
        await hear(compressed(1, none, false), peer.more("", false), peer.more(whole, false), peer.more(""));
        assert.equal(made.events, [textEvent("Hello")]);
      }
    });

    test("one that is cut short is noticed at once where no context is taken over (§7.2.2)", async () => {
      for (const [name, payload] of Object.entries(truncated)) {
        const { told, closes } = await verdict(({ compressed }) => [compressed(2, payload)], {
          peerContextTakeover: false,
        });
        assert.equal(told, ["error WS_INFLATE"], name);
        assert.equal(closes, [closeEvent(1007)], name);
      }
    });

    test("where one is, with what comes then, as soon as that makes no sense (§7.2.2)", async () => {
      for (const [name, payload] of Object.entries(truncated)) {
        if (name === "inside a stored block" || name === "behind much") continue; // what comes then may make sense
        const made = deflateEndpoint(make());
        const { compressed, hear, events } = made;
        await hear(compressed(2, payload));
        for (let count = 0; count < 20 && !events.includes("error WS_INFLATE"); count++)
          await hear(compressed(2, deflated(noise(50))));
        assert.is(events.at(-1), "error WS_INFLATE", name);
        assert.equal(made.sent(), [closeEvent(1007)], name);
      }
    });

    test("a match that reaches behind the window agreed fails with 1007 (§7.1.2)", async () => {
      const first = noise(2000);
      for (const [bits, isRight] of [
        [9, false],
        [10, false],
        [12, true],
      ] as const) {
        const made = deflateEndpoint(make(), { parameters: `; client_max_window_bits=${bits}` });
        await made.hear(made.compressed(2, deflated(first)), made.compressed(2, deflated(first, { before: first })));
        assert.is(made.events.length, 2);
        assert.is(made.events[1] === "error WS_INFLATE", !isRight, `${bits} bits`);
      }
    });

    test("invalid UTF-8 fails with 1007 when it comes out, before its message ends (§8.1)", async () => {
      const rows: readonly (readonly [name: string, text: Uint8Array])[] = [
        ["a lone continuation", hex("48 80 69")],
        ["a surrogate", hex("ed a0 80")],
        ["overlong", hex("c0 af")],
        ["above U+10FFFF", hex("f4 90 80 80")],
        ["behind 65,536 octets", concat(filled(SCRATCH, 0x78), hex("ff"))],
        ["behind 65,535 octets, at the edge", concat(filled(SCRATCH - 1, 0x78), hex("e4 78"))],
        ["behind 400,000 octets", concat(filled(400_000, 0x78), hex("ff"))],
        ["in a long text of other characters", concat(utf8("λ".repeat(40_000)), hex("ff"))],
      ];
      for (const [name, text] of rows) {
        for (const fin of [true, false]) {
          const { told, closes } = await verdict(({ compressed, peer }) => [
            compressed(1, deflated(text), fin),
            ...(fin ? [] : [peer.ping("1")]),
          ]);
          assert.equal(told, ["error WS_INVALID_UTF8"], `${name}, FIN ${fin}`);
          assert.equal(closes, [closeEvent(1007)], name);
        }
        const { told } = await verdict(({ compressed }) => [compressed(2, deflated(text))]);
        assert.is(told.length, 2, `${name}: no text`);
      }
    });

    test("a character that its message does not end fails with 1007 (§8.1)", async () => {
      for (const text of [
        hex("48 e4"),
        concat(filled(SCRATCH, 0x78), hex("f0 9f 8c")),
        utf8("λ".repeat(40_000)).subarray(0, -1),
      ]) {
        const { told } = await verdict(({ compressed }) => [compressed(1, deflated(text))]);
        assert.equal(told, ["error WS_INVALID_UTF8"]);
        const half = text.length - 1;
        const parts = await verdict(({ compressed, peer }) => {
          const payload = flushed(text.subarray(0, half), { level: 0 });
          const rest = deflated(text.subarray(half), { level: 0 });
          return [compressed(1, payload, false), peer.more(rest)];
        });
        assert.equal(parts.told, ["error WS_INVALID_UTF8"], "in two fragments");
      }
    });

    test("maxMessageLength is of what comes out: the limit itself is allowed, one more is 1009 (§10.4)", async () => {
      for (const limit of [1, 125, 4096, SCRATCH - 1, SCRATCH, SCRATCH + 1, 200_000, 300_000]) {
        for (const opcode of [1, 2]) {
          for (const [length, isRight] of [
            [limit, true],
            [limit + 1, false],
          ] as const) {
            const payload = deflated("x".repeat(length));
            if (payload.length > limit) continue; // the wire's limit
            const { told, errors, closes } = await verdict(
              ({ compressed }) => [compressed(opcode, payload)],
              {},
              {
                maxMessageLength: limit,
              },
            );
            const what = `${length} of ${limit}`;
            if (isRight) {
              assert.is(told.length, 2, what);
              continue;
            }
            assert.equal(told, ["error WS_MESSAGE_TOO_LONG"], what);
            assert.equal(closes, [closeEvent(1009)], what);
            assert.instance(errors[0], LimitError);
            assert.is((errors[0] as LimitError).limit, limit, what);
            assert.ok((errors[0] as LimitError).actual > limit, what);
          }
        }
      }
    });

    test("a message in fragments is too long as soon as it is, and each is counted anew (§10.4)", async () => {
      const made = deflateEndpoint(make(), {}, { maxMessageLength: 1000 });
      const { compressed, peer, hear, events } = made;
      const before = filled(1000, 0x78);
      await hear(compressed(2, deflated(before)));
      for (let count = 0; count < 3; count++) {
        await hear(compressed(2, flushed(filled(500, 0x78), { before }), false));
        await hear(peer.more(deflated(filled(500, 0x78), { before })));
      }
      assert.is(events.length, 4);
      await hear(compressed(2, flushed(filled(900, 0x78), { before }), false), peer.ping("1"));
      assert.is(events.at(-1), "ping 31");
      await hear(peer.more(deflated(filled(101, 0x78), { before }), false));
      assert.is(events.at(-1), "error WS_MESSAGE_TOO_LONG");
      assert.is(made.sent().at(-1), closeEvent(1009));
    });

    test("a bomb is stopped at the limit: little more than that is ever inflated (§10.4)", async () => {
      const limit = 100_000;
      const payload = deflated(new Uint8Array(2 ** 26), { level: 9 });
      const held = heldOctets();
      const made = deflateEndpoint(make(), {}, { maxMessageLength: limit });
      await made.hear(made.compressed(2, payload));
      assert.equal(made.events, ["error WS_MESSAGE_TOO_LONG"]);
      const [inflater] = made.provider.inflaters;
      assert.ok(inflater!.stepCount <= 3, `${inflater!.stepCount} steps of ${SCRATCH} octets`);
      assert.is(heldOctets(), held);
      made.connection.transportClosed();
      made.provider.check();
    });

    test("parts that are gathered count for maxProcessBuffered (§10.4)", async () => {
      const held = heldOctets();
      const options = { maxProcessBuffered: held + 30_000 };
      const deflation = { peerContextTakeover: false };
      const small = deflateEndpoint(make(), deflation, options);
      const large = deflateEndpoint(make(), deflation, options);
      await small.hear(small.compressed(2, noise(8000), false));
      await large.hear(large.compressed(2, noise(12_000), false));
      assert.is(large.provider.inflaters.length, 0, "gathered");
      assert.ok(heldOctets() - held >= 20_000);
      await small.hear(small.peer.more(noise(5000), false), small.peer.more(noise(3000), false));
      assert.equal(large.events, ["error WS_PROCESS_BUFFERED"]);
      assert.equal(large.sent(), [closeEvent(1009)]);
      assert.equal(small.events, []);
      small.connection.terminate();
      large.connection.terminate();
      assert.is(heldOctets(), held);
    });

    test("RSV1 on a continuation or a control frame fails with 1002, inside a compressed message too (§6)", async () => {
      const rows: readonly ((made: ReturnType<typeof deflateEndpoint>) => Uint8Array[])[] = [
        ({ compressed }) => [compressed(8, new Uint8Array(0))],
        ({ compressed }) => [compressed(9, hex("00"))],
        ({ compressed }) => [compressed(10, hex("00"))],
        ({ compressed }) => [compressed(1, deflated("Hello"), false), compressed(0, hex("00"))],
        ({ compressed, peer }) => [peer.text("x", false), compressed(0, hex("00"))],
        ({ compressed }) => [compressed(1, deflated("Hello"), false), compressed(9, hex("00"))],
      ];
      for (const chunks of rows) {
        const { told, closes } = await verdict(chunks);
        assert.equal(told, ["error WS_RSV1_MISPLACED"]);
        assert.equal(closes, [closeEvent(1002)]);
      }
    });

    test("a message of final blocks and nothing else ends with 1007 after 4,096 of them (§7.2.3.4)", async () => {
      const made = deflateEndpoint(make());
      const block = [0x03, 0x00]; // final, fixed codes, empty
      await made.hear(made.compressed(2, Uint8Array.from(Array(4000).fill(block).flat())));
      assert.equal(made.events, ["binary "]);
      await made.hear(made.compressed(2, Uint8Array.from(Array(5000).fill(block).flat())));
      assert.equal(made.events, ["binary ", "error WS_INFLATE"]);
    });

    test.run();
  }
}
