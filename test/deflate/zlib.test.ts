// The ways to Node's zlib, step by step: what a step leaves of its input and output, and how it fails; and which way is taken.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type FlateProvider, type FlateStream, Flush } from "../../bindings/deflate/flate.ts";
import { knownHandles, passesTrial, zlibProvider, zlibStreams } from "../../bindings/runtime/zlib.ts";
import { HandleStream } from "../../bindings/runtime/zlib-handle.ts";
import { concat, hex, utf8 } from "../support/octets.ts";
import { deflated, deflatedWhole, noise, words } from "./support.ts";

const whole = { windowBits: 15 };
const settings = { windowBits: 15, level: 6, memLevel: 8, strategy: 0 };

/** A step elsewhere; rejects with what it fails of. */
function stepped(
  stream: FlateStream,
  input: Uint8Array,
  output: Uint8Array,
  flush: Flush = Flush.Sync,
): Promise<{ used: number; inputLeft: number }> {
  return new Promise((resolve, reject) => {
    stream.stepLater(input, 0, input.length, flush, output, 0, output.length, (error) => {
      if (error !== undefined) reject(error);
      else resolve({ used: output.length - stream.outputLeft, inputLeft: stream.inputLeft });
    });
  });
}

/** Everything that comes out of an input, a few octets a step. */
async function all(
  stream: FlateStream,
  input: Uint8Array,
  room: number,
  flush: Flush = Flush.Sync,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let rest = input; ; ) {
    const output = new Uint8Array(room);
    const { used, inputLeft } = await stepped(stream, rest, output, flush);
    parts.push(output.subarray(0, used));
    if (used < room) return concat(...parts);
    rest = rest.subarray(rest.length - inputLeft);
  }
}

const ways: readonly (readonly [string, FlateProvider])[] = [
  ["handles", zlibProvider()],
  ["streams", zlibStreams],
];

for (const [label, provider] of ways) {
  const test = suite(`zlib by ${label}`);

  test("gives what there is room for, and the rest with the next steps", async () => {
    const text = utf8(words(5000));
    for (const room of [1, 7, 16, 1000, 4999, 5000, 5001, 100_000]) {
      const deflater = provider.createDeflater(settings);
      const compressed = await all(deflater, text, Math.max(room, 16)); // zlib ends a flush anew where it has no room for 6 octets
      assert.equal(compressed.subarray(-4), hex("00 00 ff ff"), `room ${room}`);
      const inflater = provider.createInflater(whole);
      assert.equal(await all(inflater, compressed, room), text, `room ${room}`);
      deflater.close();
      inflater.close();
    }
  });

  test("leaves what follows a final block, however little room there is", async () => {
    for (const room of [1, 4, 5, 6, 64]) {
      const inflater = provider.createInflater(whole);
      const input = concat(deflatedWhole("Hello"), utf8("behind"));
      let text = "";
      for (let rest: Uint8Array = input; ; ) {
        const output = new Uint8Array(room);
        const { used, inputLeft } = await stepped(inflater, rest, output);
        text += new TextDecoder().decode(output.subarray(0, used));
        rest = rest.subarray(rest.length - inputLeft);
        if (used < room) break;
      }
      assert.is(text, "Hello");
      assert.is(inflater.inputLeft, 7, `room ${room}: 00 and what is behind`);
      inflater.reset();
      assert.equal(await all(inflater, deflated("again"), room), utf8("again"));
      inflater.close();
    }
  });

  test("fails for what is no DEFLATE stream, in the step that has room for what came before it", async () => {
    for (const length of [0, 5, 1000, 70_000]) {
      for (const room of [16, 1000, 65536]) {
        if (length / room > 100) continue;
        const inflater = provider.createInflater(whole);
        const input = concat(deflated(noise(length)), hex("00 00 ff ff ff ff"));
        let failure: unknown;
        await all(inflater, input, room).catch((error: unknown) => {
          failure = error;
        });
        assert.instance(failure, Error, `${length} octets, room ${room}`);
        inflater.reset();
        assert.equal(await all(inflater, deflated("again"), 64), utf8("again"), "after reset");
        inflater.close();
      }
    }
  });

  test("an error that comes between two steps is the next one's", async () => {
    const inflater = provider.createInflater(whole);
    const input = concat(deflated(noise(20_000)), hex("00 00 ff ff ff ff"));
    let failure: unknown;
    let rest: Uint8Array = input;
    for (let count = 0; count <= 20 && failure === undefined; count++) {
      await stepped(inflater, rest, new Uint8Array(1000)).catch((error: unknown) => {
        failure = error;
      });
      rest = rest.subarray(rest.length - inflater.inputLeft);
      await new Promise((resolve) => setTimeout(resolve, 5)); // a stream that works ahead has come to it
    }
    assert.instance(failure, Error);
    inflater.close();
  });

  test("Finish fails for a stream that does not end, and ends one that is deflated", async () => {
    const inflater = provider.createInflater(whole);
    let failure: unknown;
    await stepped(inflater, deflated("Hello"), new Uint8Array(64), Flush.Finish).catch((error) => {
      failure = error;
    });
    assert.instance(failure, Error);
    inflater.reset();
    const deflater = provider.createDeflater(settings);
    const ended = await all(deflater, utf8("Hello"), 64, Flush.Finish);
    assert.equal(await all(inflater, ended, 64, Flush.Finish), utf8("Hello"));
    deflater.reset();
    assert.equal(await all(deflater, utf8("Hello"), 64, Flush.Finish), ended, "after reset");
    deflater.close();
    inflater.close();
  });

  test("keeps its context from step to step, and none after reset", async () => {
    const octets = noise(500);
    const deflater = provider.createDeflater(settings);
    const first = await all(deflater, octets, 1000);
    const second = await all(deflater, octets, 1000);
    assert.ok(second.length < 30 && first.length > 500, `${first.length}, ${second.length}`);
    deflater.reset();
    assert.equal(await all(deflater, octets, 1000), first);
    deflater.close();
  });

  test("its settings reach zlib: windowBits, level, memLevel, strategy", async () => {
    const text = utf8(words(20_000));
    const repeated = concat(noise(600), noise(600));
    const lengthOf = async (octets: Uint8Array, changes: object): Promise<number> => {
      const deflater = provider.createDeflater({ ...settings, ...changes });
      const { length } = await all(deflater, octets, 100_000);
      deflater.close();
      return length;
    };
    assert.ok((await lengthOf(text, { level: 0 })) > text.length, "level 0");
    assert.is.not(await lengthOf(text, { level: 1 }), await lengthOf(text, { level: 9 }), "level");
    assert.ok((await lengthOf(text, { strategy: 2 })) > (await lengthOf(text, {})), "Huffman only");
    assert.is.not(await lengthOf(text, { memLevel: 1 }), await lengthOf(text, { memLevel: 9 }), "memLevel");
    assert.ok(
      (await lengthOf(repeated, { windowBits: 9 })) > (await lengthOf(repeated, { windowBits: 11 })),
      "windowBits",
    );
    const inflater = provider.createInflater({ windowBits: 9 });
    await all(inflater, deflated(noise(600)), 10_000);
    let failure: unknown;
    await all(inflater, deflated(noise(600), { before: noise(600) }), 10_000).catch((error) => {
      failure = error;
    });
    assert.instance(failure, Error, "a match 600 octets back");
    inflater.close();
  });

  test.run();
}

const choice = suite("zlib: which way");

choice("this runtime's handles are known, pass their trial, and are used", () => {
  const handles = knownHandles(process.versions);
  assert.ok(handles !== null);
  assert.ok(passesTrial(handles!));
  const deflater = zlibProvider().createDeflater(settings);
  assert.instance(deflater, HandleStream);
  assert.type(deflater.step, "function");
  deflater.close();
  assert.is(zlibProvider(), zlibProvider(), "tried once");
});

choice("handles are known of Node 20 to 26, Bun and Deno", () => {
  const knows = (versions: object): boolean => knownHandles(versions as NodeJS.ProcessVersions) !== null;
  for (const node of ["20.0.0", "22.1.0", "26.9.9"]) assert.ok(knows({ node }), node);
  for (const node of ["18.20.0", "19.0.0", "27.0.0", "100.0.0", ""]) assert.not(knows({ node }), node);
  assert.ok(knows({ node: "99.0.0", bun: "1.2.0" }));
  assert.ok(knows({ node: "99.0.0", deno: "2.0.0" }));
});

choice("makers of streams that are broken do not pass: one that throws, and one for each thing that is asked", () => {
  const right = knownHandles(process.versions)!;
  assert.ok(passesTrial(right));
  assert.not(passesTrial(() => assert.unreachable() as never));
  type Change = (stream: FlateStream, direction: string) => object;
  const broken: Readonly<Record<string, Change>> = {
    "no step": () => ({ step: null }),
    "a step that does nothing": () => ({ step: () => {} }),
    "no close": () => ({ close: null }),
    "output that is said to be shorter": (stream) => ({
      step: (...args: never[]) => stream.step!(...(args as unknown as Parameters<NonNullable<FlateStream["step"]>>)),
      get outputLeft() {
        return stream.outputLeft + 1;
      },
    }),
    "input that is left": (stream) => ({
      get inputLeft() {
        return stream.inputLeft + 1;
      },
    }),
    "a context that is lost": (stream, direction) => ({
      step: (...args: never[]) => {
        if (direction === "deflate") stream.reset();
        stream.step!(...(args as unknown as Parameters<NonNullable<FlateStream["step"]>>));
      },
    }),
    "errors that are not told": (stream) => ({
      step: (...args: never[]) => {
        try {
          stream.step!(...(args as unknown as Parameters<NonNullable<FlateStream["step"]>>));
        } catch {
          // as if nothing had happened
        }
      },
    }),
  };
  for (const [name, change] of Object.entries(broken)) {
    const make = ((direction: "deflate" | "inflate", each: typeof settings) => {
      const stream = right(direction, each);
      const changed = change(stream, direction);
      return new Proxy(stream, {
        get: (target, key) => {
          if (key in changed) return (changed as Record<PropertyKey, unknown>)[key];
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    }) as typeof right;
    assert.not(passesTrial(make), name);
  }
});

choice.run();
