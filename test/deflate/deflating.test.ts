// Messages on their way out: which are compressed, what stands on the wire, and that a peer reads all of them, whatever was
// compressed and whatever was not. RFC 7692 §6, §7.2.1. What waits for a message that takes time: deflating-order.test.ts.

import * as assert from "uvu/assert";
import { prepareMessage } from "../../bindings/connection/prepared.ts";
import { PerMessageDeflate } from "../../bindings/deflate/permessage-deflate.ts";
import { endpoint } from "../connection/support.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { filled, utf8 } from "../support/octets.ts";
import {
  type DeflateEndpoint,
  deflateEndpoint,
  extensionOf,
  inflatedBy,
  noise,
  providers,
  type Watched,
  words,
} from "./support.ts";

/** Connections of one server, without context takeover. */
function sharedEndpoints(provider: Watched, count: number): DeflateEndpoint[] {
  const deflate = new PerMessageDeflate({ contextTakeover: false, peerContextTakeover: false, provider });
  return Array.from({ length: count }, () => {
    const made = endpoint({}, {}, { extension: extensionOf(deflate, "server") });
    return { ...made, provider, compressed: () => new Uint8Array(0), hear: async () => {} };
  });
}

for (const tested of kernels) {
  for (const { label, isImmediate, make } of providers) {
    const test = builtOnKernel(`deflating, ${label}`, tested);

    /** Whether each message that was sent is compressed. */
    async function compressedOf(made: DeflateEndpoint): Promise<boolean[]> {
      await made.provider.quiet();
      made.tick.end();
      return inflatedBy(made).map(({ isCompressed }) => isCompressed);
    }

    /** The messages that were sent, as text. */
    const textsOf = (made: DeflateEndpoint): string[] =>
      inflatedBy(made).map(({ payload }) => new TextDecoder().decode(payload));

    test("from the threshold on, 64 octets, or 512 without a context, or what is said (§6)", async () => {
      for (const [deflation, threshold] of [
        [{}, 64],
        [{ contextTakeover: false }, 512],
        [{ threshold: 100 }, 100],
        [{ threshold: 0 }, 1],
      ] as const) {
        const made = deflateEndpoint(make(), deflation);
        for (const length of [threshold - 1, threshold, 1000]) {
          made.connection.send("x".repeat(length));
          made.connection.send(filled(length, 0x78));
        }
        const isAny = threshold > 1;
        const small = isAny ? [false, false] : [false, false, false, false]; // nothing gets smaller than one octet
        const meant = [...small, ...Array.from({ length: 6 - small.length }, () => true)];
        assert.equal(await compressedOf(made), meant, `threshold ${threshold}`);
      }
      const never = deflateEndpoint(make(), { threshold: Number.POSITIVE_INFINITY });
      never.connection.send(words(1000));
      assert.equal(await compressedOf(never), [false]);
      assert.is(never.provider.deflaters.length, 0);
    });

    test("as each send says, whatever the threshold, text, octets and prepared messages (§6)", async () => {
      const made = deflateEndpoint(make());
      const { connection } = made;
      const long = words(500);
      connection.send("xxxxxxxxxxxxxxxx", { compress: true });
      connection.send(long, { compress: false });
      connection.send(utf8("xxxxxxxxxxxxxxxx"), { compress: true });
      connection.send(utf8(long), { compress: false });
      connection.send(prepareMessage(long));
      connection.send(prepareMessage(long, { compress: false }));
      connection.send(prepareMessage("xxxxxxxxxxxxxxxx", { compress: true }));
      connection.send("", { compress: true });
      connection.send(new Uint8Array(0), { compress: true });
      assert.equal(await compressedOf(made), [true, false, true, false, true, false, true, false, false]);
      const texts = textsOf(made);
      assert.equal(texts, ["x".repeat(16), long, "x".repeat(16), long, long, long, "x".repeat(16), "", ""]);
    });

    test("what does not get smaller goes plain, and a peer that takes the context over reads what follows (§7.2.1)", async () => {
      for (const contextTakeover of [true, false]) {
        const made = deflateEndpoint(make(), { contextTakeover, threshold: 0 });
        const text = words(600);
        const octets = noise(5000);
        const large = noise(100_000);
        for (const data of [text, octets, text, octets, "a", text, large, text, text]) made.connection.send(data);
        const meant = [true, false, true, false, false, true, false, true, true];
        assert.equal(await compressedOf(made), meant, `takeover ${contextTakeover}`);
        const found = inflatedBy(made).map(({ payload }) => Buffer.from(payload));
        for (const [index, data] of [text, octets, text, octets, "a", text, large, text, text].entries())
          assert.ok(Buffer.from(data as string).equals(found[index]!), `message ${index}`);
        const wire = inflatedBy(made).map(({ wireLength }) => wireLength);
        for (const [index, length] of wire.entries()) assert.ok(length <= found[index]!.length, `message ${index}`);
        if (contextTakeover) assert.ok(wire[8]! < wire[7]! / 2, `the last is known: ${wire[7]}, ${wire[8]} octets`);
        else assert.is(wire[7], wire[8], "nothing is known");
        made.connection.terminate();
        await made.provider.quiet();
        made.provider.check(contextTakeover ? 0 : 1);
      }
    });

    test("every length around the cliffs arrives, text and octets, of both roles (§5.2, §5.3)", async () => {
      const cliffs = [125, 126, 4096, 10_922, 10_923, 16_384, 16_385, 32_767, 32_768, 65_535, 65_536, 200_000];
      for (const role of ["server", "client"] as const) {
        for (const make_ of [words, (length: number) => noise(length), (length: number) => "λ".repeat(length >>> 1)]) {
          const made = deflateEndpoint(make(), {}, { role });
          for (const length of cliffs) made.connection.send(make_(length));
          await made.provider.quiet();
          made.tick.end();
          const found = inflatedBy(made);
          assert.is(found.length, cliffs.length);
          for (const [index, length] of cliffs.entries()) {
            const data = make_(length);
            assert.ok(Buffer.from(data as string).equals(found[index]!.payload), `${role}, ${length} octets`);
            assert.is(found[index]!.opcode, typeof data === "string" ? 1 : 2);
          }
          made.connection.terminate();
          await made.provider.quiet();
          made.provider.check();
        }
      }
    });

    test("octets may be changed right after send, below BORROW_LENGTH, and by a client at any length", async () => {
      for (const [role, length] of [
        ["server", 100],
        ["server", 16_000],
        ["server", 16_385],
        ["server", 32_767],
        ["client", 100],
        ["client", 32_767],
        ["client", 32_768],
        ["client", 100_000],
      ] as const) {
        for (const isBusy of [true, false]) {
          const made = deflateEndpoint(make(), {}, { role });
          const octets = Buffer.from(words(length));
          if (isBusy) made.connection.send(words(50_000));
          made.connection.send(octets);
          octets.fill(0x21);
          await made.provider.quiet();
          made.tick.end();
          const { payload } = inflatedBy(made).at(-1)!;
          assert.ok(
            Buffer.from(payload).equals(Buffer.from(words(length))),
            `${role}, ${length} octets, busy ${isBusy}`,
          );
        }
      }
    });

    test("is over before `send` returns where a message is small, and the provider can", () => {
      const made = deflateEndpoint(make());
      made.connection.send(words(16_000));
      assert.is(made.provider.pending, isImmediate ? 0 : 1);
      assert.is(made.transport.writes.length, isImmediate ? 1 : 0);
      made.connection.terminate();
    });

    test("the window, level, memLevel and strategy asked for are what the provider is asked for (§7.1.2)", async () => {
      const made = deflateEndpoint(make(), {
        level: 9,
        memLevel: 3,
        strategy: 2,
        windowBits: 13,
        parameters: "; server_max_window_bits=11",
      });
      made.connection.send(words(1000));
      assert.equal(made.provider.settings, [{ level: 9, memLevel: 3, strategy: 2, windowBits: 11 }]);
      const usual = deflateEndpoint(make());
      usual.connection.send(words(1000));
      assert.equal(usual.provider.settings, [{ level: 2, memLevel: 8, strategy: 0, windowBits: 15 }]);
      await made.provider.quiet();
      await usual.provider.quiet();
    });

    test("matches never lie back further than the window agreed (§7.1.2)", async () => {
      for (const windowBits of [9, 10, 15]) {
        const made = deflateEndpoint(make(), { windowBits });
        const octets = noise(2000);
        made.connection.send(octets.subarray(0, 600), { compress: true });
        for (const data of [words(5000), octets, octets, words(5000)]) made.connection.send(data, { compress: true });
        await made.provider.quiet();
        made.tick.end();
        assert.is(inflatedBy(made, windowBits).length, 5, `${windowBits} bits`);
      }
    });

    test("a client told to keep to 8 bits compresses nothing, and reads all (§7.1.2.2)", async () => {
      const made = deflateEndpoint(make(), { parameters: "; client_max_window_bits=8" }, { role: "client" });
      made.connection.send(words(1000), { compress: true });
      assert.equal(await compressedOf(made), [false]);
      assert.is(made.provider.deflaters.length, 0);
    });

    test("a provider that has no stream to give fails nothing: the message goes plain", async () => {
      const provider = make();
      const { createDeflater } = provider;
      const made = deflateEndpoint(provider);
      provider.createDeflater = () => {
        throw new Error("no memory");
      };
      for (const length of [1000, 50_000]) made.connection.send(words(length));
      provider.createDeflater = createDeflater;
      made.connection.send(words(1000));
      assert.equal(await compressedOf(made), [false, false, true]);
    });

    test("in shared mode connections share streams, and keep none (§7.1.1.1)", async () => {
      const provider = make();
      const extension = sharedEndpoints(provider, 20);
      for (const { connection } of extension) connection.send(words(5000));
      await provider.quiet();
      for (const made of extension) {
        made.tick.end();
        assert.is(textsOf(made)[0], words(5000));
        made.connection.terminate();
      }
      assert.ok(provider.openCount <= 4, `${provider.openCount} streams kept`);
      assert.equal(provider.faults, []);
      if (isImmediate) assert.is(provider.deflaters.length, 1);
    });

    test.run();
  }
}
