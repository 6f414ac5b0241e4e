// Messages compressed and decompressed: against the examples of RFC 7692 §7.2.3, against zlib's streams, and past the limits
// that were agreed on.

import type { Transform } from "node:stream";
import { constants, createDeflateRaw, createInflateRaw, type Zlib } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, hex, Random, utf8 } from "../../support/octets.ts";
import { Deflater, Inflater } from "./codec.ts";
import { corpusOf } from "./corpora.ts";
import type { Direction } from "./negotiation.ts";

const usual: Direction = { contextTakeover: true, windowBits: 15 };
const text = (octets: Uint8Array): string => Buffer.from(octets).toString("latin1");

/** Messages in a row through a zlib stream, which is flushed behind each. */
async function throughStream(stream: Transform & Zlib, payloads: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  let chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (const payload of payloads) {
    stream.write(payload);
    await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    found.push(new Uint8Array(Buffer.concat(chunks)));
    chunks = [];
  }
  stream.close();
  return found;
}

const tail = hex("00 00 ff ff");
const messages = [0, 16, 300, 5000, 70_000, 40, 131_072, 1].map((length, index) =>
  corpusOf("json").subarray(index * 1000, index * 1000 + length),
);

const test = suite("conformance compression");

const examples: readonly (readonly [what: string, octets: string])[] = [
  ["a compressed block (§7.2.3.1)", "f2 48 cd c9 c9 07 00"],
  ["a stored block (§7.2.3.3)", "00 05 00 fa ff 48 65 6c 6c 6f 00"],
  ["a block with BFINAL (§7.2.3.4)", "f3 48 cd c9 c9 07 00 00"],
  ["two blocks (§7.2.3.5)", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"],
];

for (const [what, octets] of examples) {
  test(`reads ${what}`, () => assert.is(text(new Inflater(usual).decompress(hex(octets))), "Hello"));
}

test("a context goes on, also behind BFINAL (§7.2.3.2)", () => {
  for (const first of ["f2 48 cd c9 c9 07 00", "f3 48 cd c9 c9 07 00 00"]) {
    const inflater = new Inflater(usual);
    inflater.decompress(hex(first));
    assert.is(text(inflater.decompress(hex("f2 00 11 00 00"))), "Hello");
  }
  const deflater = new Deflater(usual);
  assert.equal(deflater.compress(utf8("Hello")), Buffer.from(hex("f2 48 cd c9 c9 07 00")));
  assert.equal(deflater.compress(utf8("Hello")), Buffer.from(hex("f2 00 11 00 00")));
});

for (const windowBits of [9, 12, 15]) {
  test(`what it compresses, a stream with a window of ${windowBits} bits reads`, async () => {
    const deflater = new Deflater({ contextTakeover: true, windowBits });
    const payloads = messages.map((message) => concat(deflater.compress(message), tail));
    const found = await throughStream(createInflateRaw({ windowBits }), payloads);
    assert.equal(found.map(text), messages.map(text));
  });

  test(`it reads what a stream with a window of ${windowBits} bits compresses`, async () => {
    const payloads = await throughStream(createDeflateRaw({ windowBits }), messages.slice(1));
    const inflater = new Inflater({ contextTakeover: true, windowBits });
    const found = payloads.map((payload) => inflater.decompress(payload.subarray(0, -tail.length)));
    assert.equal(found.map(text), messages.slice(1).map(text));
  });
}

test("without context takeover each message stands alone, and one that does not is refused (§7.1.1.1)", () => {
  const alone: Direction = { contextTakeover: false, windowBits: 15 };
  const [deflater, inflater, goesOn] = [new Deflater(alone), new Inflater(alone), new Deflater(usual)];
  const message = messages[2]!;
  assert.equal(deflater.compress(message), deflater.compress(message));
  inflater.decompress(goesOn.compress(message));
  assert.throws(() => inflater.decompress(goesOn.compress(message)), /too far back/);
});

/** Octets that come again after `distance`, more than 300, compressed by a window that is wide enough. */
function repeatedAfter(distance: number, isSplit: boolean): readonly Uint8Array[] {
  const deflater = new Deflater(usual);
  const octets = new Random(distance).octets(distance);
  const again = octets.subarray(0, 300);
  return (isSplit ? [octets, again] : [concat(octets, again)]).map((message) => deflater.compress(message));
}

for (const isSplit of [true, false]) {
  test(`a window of 9 bits reaches back 512 octets and no further, ${isSplit ? "over messages" : "in one"}`, () => {
    const read = (distance: number): void => {
      const inflater = new Inflater({ contextTakeover: true, windowBits: 9 });
      for (const payload of repeatedAfter(distance, isSplit)) inflater.decompress(payload);
    };
    for (const distance of [400, 511, 512]) read(distance);
    for (const distance of [512 + 64, 600, 1023, 5000])
      assert.throws(() => read(distance), /too far back/, `${distance}`);
  });
}

test("what is no DEFLATE is refused", () => {
  assert.throws(() => new Inflater(usual).decompress(hex("ff ff ff")), /invalid block type/);
});

test.run();
