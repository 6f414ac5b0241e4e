// The reader of frames: whatever RFC 6455 allows it takes, cut anywhere; each thing it forbids ends the reading.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concat, hex } from "../support/octets.ts";
import { Deflater, Inflater } from "./deflate/codec.ts";
import { FrameReader, type FrameSink } from "./frame-reader.ts";
import type { Role } from "./wire.ts";

/** What a reader says of octets, in words. */
class Notes implements FrameSink {
  readonly words: string[] = [];

  message(kind: "text" | "binary", payload: Uint8Array): void {
    this.words.push(`${kind} ${Buffer.from(payload).toString(kind === "text" ? "utf8" : "hex")}`);
  }
  ping(payload: Uint8Array): void {
    this.words.push(`ping ${Buffer.from(payload)}`);
  }
  pong(payload: Uint8Array): void {
    this.words.push(`pong ${Buffer.from(payload)}`);
  }
  closeReceived(closeCode: number | null, closeReason: string): void {
    this.words.push(`close ${closeCode} ${closeReason}`);
  }
  refuse(closeCode: 1002 | 1007): void {
    this.words.push(`refused ${closeCode}`);
  }
}

const agreed = { contextTakeover: true, windowBits: 15 };

/** Reads octets in pieces of `pieceLength`, where compression is agreed on or is not. */
function read(
  octets: Uint8Array,
  pieceLength: number = octets.length,
  sender: Role = "server",
  isCompressing = false,
): string[] {
  const notes = new Notes();
  const reader = new FrameReader(sender, notes, isCompressing ? new Inflater(agreed) : null);
  for (let at = 0; at < octets.length; at += pieceLength) reader.read(octets.slice(at, at + pieceLength));
  return notes.words;
}

const header = (length: number, ...octets: readonly number[]): Uint8Array => {
  const frame = Buffer.alloc(octets.length + length, "a");
  frame.set(octets);
  return frame;
};

const good: readonly (readonly [what: string, octets: Uint8Array, words: readonly string[]])[] = [
  ["a text", hex("81 02 48 69"), ["text Hi"]],
  ["an empty text", hex("81 00"), ["text "]],
  ["a binary message", hex("82 02 ff 00"), ["binary ff00"]],
  ["a text in three frames with a ping between them", hex("01 01 48 89 01 70 00 00 80 01 69"), ["ping p", "text Hi"]],
  ["a code point in two frames", hex("01 01 c3 80 01 a9"), ["text é"]],
  ["a byte order mark", hex("81 03 ef bb bf"), ["text \ufeff"]],
  ["a pong", hex("8a 01 70"), ["pong p"]],
  ["126 octets", header(126, 0x81, 0x7e, 0, 126), [`text ${"a".repeat(126)}`]],
  ["65535 octets", header(65535, 0x81, 0x7e, 0xff, 0xff), [`text ${"a".repeat(65535)}`]],
  ["65536 octets", header(65536, 0x81, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0), [`text ${"a".repeat(65536)}`]],
  ["a ping of 125 octets", header(125, 0x89, 125), [`ping ${"a".repeat(125)}`]],
  ["a Close without a code", hex("88 00"), ["close null "]],
  ["a Close with a reason, and nothing after it", hex("88 05 03 e8 62 79 65 83 00"), ["close 1000 bye"]],
];

const messageStart = hex("01 01 61");
const wrong: readonly (readonly [rule: string, octets: Uint8Array, closeCode?: 1007])[] = [
  ["RSV1", hex("c1 00")],
  ["RSV2", hex("a1 00")],
  ["RSV3", hex("91 00")],
  ["RSV1 on a continuation", concat(messageStart, hex("c0 00"))],
  ["RSV1 on a ping", hex("c9 00")],
  ["a masked frame of a server", hex("81 81 00 00 00 00 61")],
  ["a fragmented ping", hex("09 00")],
  ["a fragmented Close", hex("08 00")],
  ["a ping of 126 octets", header(126, 0x89, 0x7e, 0, 126)],
  ["a Close of 126 octets", header(126, 0x88, 0x7e, 0, 126)],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (opcode) => [`the opcode ${opcode}`, Uint8Array.of(0x80 | opcode, 0)] as const,
  ),
  ["a Close of one octet", hex("88 01 03")],
  ["a continuation of nothing", hex("80 00")],
  ["a new text inside a fragmented one", concat(messageStart, hex("81 00"))],
  ["a new binary message inside a text", concat(messageStart, hex("82 00"))],
  ["125 octets in 16 bits", hex("81 7e 00 7d")],
  ["65535 octets in 64 bits", hex("81 7f 00 00 00 00 00 00 ff ff")],
  ["2^63 octets", hex("81 7f 80 00 00 00 00 00 00 00")],
  ...[0, 999, 1004, 1005, 1006, 1014, 1015, 1016, 2000, 2999, 5000, 65535].map(
    (code) => [`a Close with ${code}`, Uint8Array.of(0x88, 2, code >>> 8, code & 255)] as const,
  ),
  ["a text that is not UTF-8", hex("81 01 ff"), 1007],
  ["a text that ends inside a code point", hex("81 01 c3"), 1007],
  ["a text that is not UTF-8, before its end", hex("01 03 f4 90 80"), 1007],
  ["a surrogate over two frames", hex("01 01 ed 80 02 a0 80"), 1007],
  ["a close reason that is not UTF-8", hex("88 03 03 e8 ff"), 1007],
  ["a close reason that ends inside a code point", hex("88 03 03 e8 c3"), 1007],
];

const test = suite("conformance frame reader");

for (const [what, octets, words] of good) {
  test(`takes ${what}, cut anywhere`, () => {
    const longest = Math.min(octets.length, 12);
    assert.equal(read(octets), words);
    for (let pieceLength = 1; pieceLength < longest; pieceLength++) assert.equal(read(octets, pieceLength), words);
  });
}

for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 3999, 4000, 4999]) {
  test(`takes a Close with ${code}`, () => {
    assert.equal(read(Uint8Array.of(0x88, 2, code >>> 8, code & 255)), [`close ${code} `]);
  });
}

for (const [rule, octets, closeCode = 1002] of wrong) {
  test(`refuses ${rule} with ${closeCode}, and reads no further`, () => {
    const andMore = concat(octets, hex("89 00"));
    for (const pieceLength of [andMore.length, 1]) assert.equal(read(andMore, pieceLength), [`refused ${closeCode}`]);
  });
}

const short = (first: number, payload: Uint8Array): Uint8Array => concat(Uint8Array.of(first, payload.length), payload);
const deflated = (octets: Uint8Array): Uint8Array => new Deflater(agreed).compress(octets);

const compressed: readonly (readonly [what: string, octets: Uint8Array, words: readonly string[]])[] = [
  ["a compressed text", hex("c1 07 f2 48 cd c9 c9 07 00"), ["text Hello"]],
  [
    "two, the second of which needs the first",
    hex("c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00"),
    ["text Hello", "text Hello"],
  ],
  [
    "a compressed text in three frames with a ping between them",
    hex("41 03 f2 48 cd 89 00 00 00 80 04 c9 c9 07 00"),
    ["ping ", "text Hello"],
  ],
  ["a text that is not compressed", hex("81 02 48 69"), ["text Hi"]],
  ["an empty compressed message", hex("c2 01 00"), ["binary "]],
  ["compressed octets that are no UTF-8, as binary", short(0xc2, deflated(hex("ff 00"))), ["binary ff00"]],
];

for (const [what, octets, words] of compressed) {
  test(`takes ${what}, cut anywhere, where that is agreed (RFC 7692 §6.2)`, () => {
    for (let pieceLength = 1; pieceLength <= octets.length; pieceLength++)
      assert.equal(read(octets, pieceLength, "server", true), words);
  });
}

const wrongCompressed: readonly (readonly [rule: string, octets: Uint8Array, closeCode?: 1007])[] = [
  ["RSV1 on a continuation", hex("41 03 f2 48 cd c0 04 c9 c9 07 00")],
  ["RSV1 on a continuation of a plain text", hex("01 01 61 c0 01 00")],
  ["RSV1 on a ping", hex("c9 00")],
  ["RSV1 on a pong", hex("ca 00")],
  ["RSV1 on a Close", hex("c8 00")],
  ["RSV1 on a reserved opcode", hex("c3 00")],
  ["RSV2", hex("a1 00")],
  ["RSV3 beside RSV1", hex("d1 07 f2 48 cd c9 c9 07 00")],
  ["what is no DEFLATE", hex("c2 03 ff ff ff"), 1007],
  ["a context that was never there", hex("c1 05 f2 00 11 00 00"), 1007],
  ["a compressed text that is not UTF-8", short(0xc1, deflated(hex("61 ff"))), 1007],
  ["a compressed text that ends inside a code point", short(0xc1, deflated(hex("61 c3"))), 1007],
];

for (const [rule, octets, closeCode = 1002] of wrongCompressed) {
  test(`refuses ${rule} with ${closeCode}, where compression is agreed on`, () => {
    const andMore = concat(octets, hex("89 00"));
    for (const pieceLength of [andMore.length, 1])
      assert.equal(read(andMore, pieceLength, "server", true), [`refused ${closeCode}`]);
  });
}

test("refuses a continuation after a whole message", () => {
  assert.equal(read(hex("81 00 80 00")), ["text ", "refused 1002"]);
  assert.equal(read(hex("01 00 80 00 80 00")), ["text ", "refused 1002"]);
});

test("refuses text at the octet that cannot be UTF-8, not later", () => {
  assert.equal(read(hex("81 7e 10 00 61 f4 90")), ["refused 1007"]);
  assert.equal(read(hex("81 7e 10 00 61 f4 8f")), []);
});

test("takes a client's frames only masked", () => {
  assert.equal(read(hex("81 82 01 02 03 04 49 6b"), 3, "client"), ["text Hi"]);
  assert.equal(read(hex("82 85 01 02 03 04 01 02 03 04 01"), 4, "client"), ["binary 0000000000"]);
  assert.equal(read(hex("81 02 48 69"), 2, "client"), ["refused 1002"]);
});

test("takes 16 MiB in chunks of 64 KiB", () => {
  const length = 16 * 1024 * 1024;
  const octets = header(length, 0x82, 0x7f, 0, 0, 0, 0, 1, 0, 0, 0);
  let received = 0;
  const sink = Object.assign(new Notes(), { message: (_: string, payload: Uint8Array) => (received = payload.length) });
  const reader = new FrameReader("server", sink);
  for (let at = 0; at < octets.length; at += 65536) reader.read(octets.subarray(at, at + 65536));
  assert.is(received, length);
});

test.run();
