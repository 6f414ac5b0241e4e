// Compressed messages come out as they went in, whole, in fragments and cut anywhere, with plain messages and control frames
// between. RFC 7692 §7.2.2. What is wrong with them: inflating-faults.test.ts; what waits for them: inflating-order.test.ts.

import * as assert from "uvu/assert";
import { binaryEvent, closeEvent, textEvent } from "../connection/support.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, utf8 } from "../support/octets.ts";
import { octetByOctet } from "../support/peer.ts";
import { type DeflateEndpoint, deflated, deflatedWhole, deflateEndpoint, noise, providers, words } from "./support.ts";

/** Octets of the scratch region, and of a piece that comes out. */
const SCRATCH = 65536;

/** The same number of parts of octets, as even as may be. */
function inParts(octets: Uint8Array, count: number): Uint8Array[] {
  const at = (part: number): number => Math.floor((octets.length * part) / count);
  return Array.from({ length: count }, (_, part) => octets.subarray(at(part), at(part + 1)));
}

/** One compressed message in as many frames. */
function inFrames(
  { compressed, peer }: DeflateEndpoint,
  opcode: number,
  payload: Uint8Array,
  count: number,
): Uint8Array[] {
  return inParts(payload, count).map((part, index) =>
    index === 0 ? compressed(opcode, part, count === 1) : peer.more(part, index === count - 1),
  );
}

for (const tested of kernels) {
  for (const { label, isImmediate, make } of providers) {
    const test = builtOnKernel(`inflating, ${label}`, tested);

    test("the RFC's examples, octet by octet (§7.2.3)", async () => {
      const rows: readonly (readonly [name: string, frames: string, ...heard: string[]])[] = [
        ["§7.2.3.1 one block", "c1 07 f2 48 cd c9 c9 07 00", "Hello"],
        ["§7.2.3.1 in two fragments", "41 03 f2 48 cd   80 04 c9 c9 07 00", "Hello"],
        ["§7.2.3.2 a shared window", "c1 07 f2 48 cd c9 c9 07 00   c1 05 f2 00 11 00 00", "Hello", "Hello"],
        ["§7.2.3.3 no compression", "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00", "Hello"],
        ["§7.2.3.4 BFINAL", "c1 08 f3 48 cd c9 c9 07 00 00", "Hello"],
        [
          "§7.2.3.4 BFINAL, then another",
          "c1 08 f3 48 cd c9 c9 07 00 00   c1 07 f2 48 cd c9 c9 07 00",
          "Hello",
          "Hello",
        ],
        ["§7.2.3.5 two blocks", "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "Hello"],
        ["§7.2.3.6 an empty message", "c1 01 00", ""],
        ["§7.2.3.6 an empty block of fixed codes", "c1 02 02 00", ""],
      ];
      for (const [name, frames, ...heard] of rows) {
        for (const cut of [(octets: Uint8Array) => [octets], octetByOctet]) {
          const { hear, events, connection, provider } = deflateEndpoint(make(), {}, { role: "client" });
          await hear(...cut(hex(frames)));
          assert.equal(events, heard.map(textEvent), name);
          connection.terminate();
          provider.check();
        }
      }
    });

    test("is over before `receive` returns where little comes out, and the provider can (§7.2.2)", async () => {
      const { connection, compressed, events, provider } = deflateEndpoint(make());
      connection.receive(compressed(1, deflated("Hello")));
      assert.is(events.length, isImmediate ? 1 : 0);
      assert.is(provider.pending, isImmediate ? 0 : 1);
      await provider.quiet();
      assert.equal(events, [textEvent("Hello")]);
    });

    test("text and binary of any length, whole and in fragments, one after the other (§6.2)", async () => {
      const around = [-1, 0, 1].map((by) => SCRATCH + by);
      const lengths = [0, 1, 2, 125, 126, 4095, 4096, 4097, 16384, ...around, 2 * SCRATCH, 262144, 300_000];
      for (const peerContextTakeover of [true, false]) {
        for (const count of [1, 2, 7]) {
          const made = deflateEndpoint(make(), { peerContextTakeover });
          for (const length of lengths) {
            const text = words(length);
            poison(tested.kernel);
            await made.hear(...inFrames(made, 1, deflated(text), count));
            await made.hear(...inFrames(made, 2, deflated(text), count));
          }
          const heard = made.data.map((data) => (typeof data === "string" ? data : new TextDecoder().decode(data)));
          const meant = lengths.flatMap((length) => [words(length), words(length)]);
          assert.is(heard.length, meant.length, `${count} frames`);
          for (const [index, text] of heard.entries())
            assert.ok(text === meant[index], `${count} frames, message ${index}`);
          made.connection.terminate();
          await made.provider.quiet();
          made.provider.check(peerContextTakeover ? 0 : 1); // the pool keeps one where nothing is taken over
        }
      }
    });

    test("octets that do not get smaller, in stored blocks (§7.2.3.3)", async () => {
      for (const length of [1, 5, 4090, 4096, SCRATCH - 1, SCRATCH, SCRATCH + 1, 200_000]) {
        const octets = noise(length);
        const { hear, data, compressed, provider } = deflateEndpoint(make());
        await hear(compressed(2, deflated(octets, { level: 0 })));
        assert.is(data.length, 1, `${length} octets`);
        assert.ok(Buffer.from(octets).equals(data[0] as Uint8Array), `${length} octets`);
        await provider.quiet();
      }
    });

    test("a small message cut at every octet, of the wire and of its fragments (§5.4)", async () => {
      const text = "κόσμε, 世界 and 🌍: a text of one to four octets a character, a text of one to four octets";
      const payload = deflated(text);
      const tail = deflated("tail", { before: utf8(text) });
      const cuts = isImmediate ? payload.length : 12;
      for (let cut = 0; cut <= cuts; cut++) {
        const made = deflateEndpoint(make());
        const { peer, compressed } = made;
        const frames = concat(
          compressed(1, payload.subarray(0, cut), false),
          peer.ping("x"),
          peer.more(payload.subarray(cut)),
          compressed(1, tail),
        );
        const at = Math.min(frames.length, cut * 2 + 1);
        await made.hear(frames.subarray(0, at), frames.subarray(at));
        const events = ["ping 78", textEvent(text), textEvent("tail")];
        assert.equal(made.events, events, `cut at ${cut}`);
      }
      const made = deflateEndpoint(make());
      await made.hear(...octetByOctet(concat(...inFrames(made, 1, payload, 5))));
      assert.equal(made.events, [textEvent(text)]);
    });

    test("characters that come out in two pieces, wherever they are cut (§8.1)", async () => {
      // Stored blocks: each octet comes out with its own, so every cut of the wire is a cut of the text.
      const text = "a£語🌍z";
      const payload = deflated(text, { level: 0 });
      for (let cut = 1; cut < payload.length; cut++) {
        const made = deflateEndpoint(make());
        await made.hear(
          made.compressed(1, payload.subarray(0, cut), false),
          made.peer.more(payload.subarray(cut, cut + 1), false),
          made.peer.more(payload.subarray(cut + 1)),
        );
        assert.equal(made.events, [textEvent(text)], `cut at ${cut}`);
      }
      // Across the edges of the scratch region.
      for (let before = SCRATCH - 4; before <= SCRATCH + 1; before++) {
        const long = "x".repeat(before) + text;
        const { hear, data, compressed } = deflateEndpoint(make());
        await hear(compressed(1, deflated(long)));
        assert.ok(data.length === 1 && data[0] === long, `${before} characters before`);
      }
    });

    test("plain messages between compressed ones, and as much of them as there is (§6)", async () => {
      const { hear, events, compressed, peer, provider } = deflateEndpoint(make());
      const first = utf8("first message, compressed");
      await hear(
        concat(
          compressed(1, deflated(first)),
          peer.text("plain"),
          compressed(2, deflated(first, { before: first })),
          peer.binary("plain"),
          peer.text("plain ", false),
          peer.ping("!"),
          peer.more("fragments"),
          compressed(1, deflated("end", { before: concat(first, first) })),
        ),
      );
      assert.equal(events, [
        textEvent("first message, compressed"),
        textEvent("plain"),
        binaryEvent(first),
        binaryEvent(utf8("plain")),
        "ping 21",
        textEvent("plain fragments"),
        textEvent("end"),
      ]);
      assert.is(provider.inflaters.length, 1);
    });

    test("a context is kept where it is taken over, and only there (§7.1.1.2, §7.2.3.2)", async () => {
      const first = noise(400);
      const second = deflated(first, { before: first });
      assert.ok(second.length < 20, "it refers to the first");
      const kept = deflateEndpoint(make());
      await kept.hear(kept.compressed(2, deflated(first)), kept.compressed(2, second));
      assert.equal(kept.events, [binaryEvent(first), binaryEvent(first)]);
      const dropped = deflateEndpoint(make(), { peerContextTakeover: false });
      await dropped.hear(dropped.compressed(2, deflated(first)), dropped.compressed(2, second));
      assert.equal(dropped.events, [binaryEvent(first), "error WS_INFLATE"]);
      assert.equal(dropped.sent(), [closeEvent(1007)]);
      dropped.connection.transportClosed();
      dropped.provider.check();
    });

    test("a context outlives idleness, for which a connection lets go of its parts (§7.1.1.2)", async () => {
      const first = noise(400);
      const { connection, clock, hear, compressed, events, provider } = deflateEndpoint(
        make(),
        {},
        { idleTimeoutMs: 1e6 },
      );
      await hear(compressed(2, deflated(first)));
      for (const ms of [1000, 2000, 3000]) connection.tick(clock.ms + ms);
      await hear(compressed(2, deflated(first, { before: first })));
      assert.equal(events, [binaryEvent(first), binaryEvent(first)]);
      assert.is(provider.inflaters.length, 1);
      connection.terminate();
      provider.check();
    });

    test("final blocks: a message may have several, and each begins the window anew (§7.2.3.4)", async () => {
      const [one, two] = ["one, one, one; ", "two, two, two"];
      const together = concat(deflatedWhole(one).subarray(0, -1), deflatedWhole(two));
      for (const peerContextTakeover of [true, false]) {
        const made = deflateEndpoint(make(), { peerContextTakeover });
        const { compressed } = made;
        await made.hear(
          compressed(1, deflatedWhole(one)),
          compressed(1, together),
          ...inFrames(made, 1, together, 6),
          compressed(1, deflated(two)),
        );
        const meant = [one, one + two, one + two, two];
        assert.equal(made.events, meant.map(textEvent), `takeover ${peerContextTakeover}`);
      }
    });

    test("a final block with nothing behind it ends its message, and no other (§7.2.3.4)", async () => {
      for (const text of ["Hello", words(20_000), "x".repeat(SCRATCH), "x".repeat(400_000)]) {
        for (const peerContextTakeover of [true, false]) {
          const made = deflateEndpoint(make(), { peerContextTakeover });
          const bare = deflatedWhole(text).subarray(0, -1);
          const { compressed, data } = made;
          const stored = deflated("stored", { level: 0 }); // whose first octets could be the end of a stored block's header
          await made.hear(
            compressed(1, bare),
            compressed(1, stored),
            ...inFrames(made, 1, bare, 3),
            compressed(1, stored),
          );
          assert.equal(made.events.slice(1, 2), [textEvent("stored")], `takeover ${peerContextTakeover}`);
          assert.ok(data.length === 4 && data[0] === text && data[2] === text && data[3] === "stored");
        }
      }
    });

    test("a message of many final blocks does not keep others waiting: it goes on elsewhere (§7.2.3.4)", async () => {
      const count = 1000;
      const empty = hex("03 00");
      const payload = concat(...Array.from({ length: count }, () => empty), deflated("end"));
      const made = deflateEndpoint(make());
      made.connection.receive(made.compressed(1, payload));
      assert.equal(made.events, []);
      assert.is(made.provider.pending, 1);
      assert.ok(made.provider.inflaters[0]!.stepCount < 400, `${made.provider.inflaters[0]!.stepCount} steps at once`);
      await made.provider.quiet();
      assert.equal(made.events, [textEvent("end")]);
    });

    test("final blocks at the edges of the scratch region, and behind much output (§7.2.3.4)", async () => {
      for (const length of [SCRATCH - 1, SCRATCH, SCRATCH + 1, 3 * SCRATCH, 262144, 5 * SCRATCH]) {
        const text = "x".repeat(length);
        for (const peerContextTakeover of [true, false]) {
          const { hear, data, compressed } = deflateEndpoint(make(), { peerContextTakeover });
          const together = concat(deflatedWhole(text).subarray(0, -1), deflatedWhole("end"));
          await hear(compressed(1, together), compressed(1, deflated("next")));
          assert.equal(
            data.map((each) => each.length),
            [length + 3, 4],
            `${length} octets`,
          );
          assert.ok(data[0] === `${text}end`);
        }
      }
    });

    test("text as octets, and binary of its own memory, where that is asked for", async () => {
      const made = deflateEndpoint(make(), {}, { text: "bytes", exact: true });
      await made.hear(made.compressed(1, deflated("λόγος")), made.compressed(2, deflated(filled(70_000, 7))));
      const [text, octets] = made.data as Uint8Array[];
      assert.equal(new Uint8Array(text!), utf8("λόγος"));
      assert.is(octets!.buffer.byteLength, 70_000);
    });

    test("a window of the bits agreed suffices for what is compressed with them (§7.1.2)", async () => {
      for (const bits of [8, 9, 12, 15]) {
        const parameters = `; client_max_window_bits=${bits}`;
        const made = deflateEndpoint(make(), { parameters });
        const text = words(100_000);
        await made.hear(made.compressed(1, deflated(text, { windowBits: Math.max(bits, 9) })));
        assert.ok(made.data[0] === text, `${bits} bits`);
        assert.equal(made.provider.inflaterBits, [Math.max(bits, 9)]);
      }
    });

    test.run();
  }
}
