// Masking in ordinary memory, RFC 6455 §5.3: every length from 0 to 300 octets at every phase and alignment, by every function that
// masks there, against the section's own formula; and nothing around the octets changes.

import * as assert from "uvu/assert";
import { encodeFrame } from "../../bindings/codec/encode-frame.ts";
import { mask, maskInto, maskRange } from "../../bindings/codec/masking.ts";
import { endpoint } from "../connection/support.ts";
import { same, sameOctets } from "../support/assertions.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { frame, keyWord } from "../support/frames.ts";
import { kernels } from "../support/kernels.ts";
import { hex, POISON, Random } from "../support/octets.ts";

const LONGEST = 300;
const GUARD = 32;
const maskingKey = hex("37 fa 21 3d");
const word = keyWord(maskingKey);
const all = new Random(1).octets(LONGEST);

/** §5.3: transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4), from octet `phase` of the key. */
function maskedFrom(octets: Uint8Array, phase: number): Uint8Array {
  return Uint8Array.from(octets, (octet, index) => octet ^ maskingKey[(index + phase) % 4]!);
}

/** All 300 octets under each phase. */
const byPhase = [0, 1, 2, 3].map((phase) => maskedFrom(all, phase));

/** Memory with `octets` in it, poisoned on both sides, to be used again and again. */
class Memory {
  readonly octets: Uint8Array<ArrayBuffer> = new Uint8Array(GUARD + 16 + LONGEST + GUARD);
  private readonly expected: Uint8Array<ArrayBuffer> = new Uint8Array(this.octets.length);

  clear(): void {
    this.octets.fill(POISON);
  }

  place(at: number, octets: Uint8Array): void {
    this.clear();
    this.octets.set(octets, at);
  }

  /** Fails unless `octets` are at `at`, and poison all around them. */
  holds(at: number, octets: Uint8Array, where: () => string): void {
    this.expected.fill(POISON);
    this.expected.set(octets, at);
    sameOctets(this.octets, this.expected, where);
  }
}

function forEveryLength(run: (length: number, phase: number) => void): void {
  for (let length = 0; length <= LONGEST; length++) for (let phase = 0; phase < 4; phase++) run(length, phase);
}

for (const tested of kernels) {
  const { kernel } = tested;
  const test = builtOnKernel("masking of every length", tested);
  const memory = new Memory();
  const target = new Memory();

  test("mask, at every phase and alignment, and it returns the phase that goes on (§5.3)", () => {
    forEveryLength((length, phase) => {
      for (let alignment = 0; alignment < 16; alignment++) {
        const at = GUARD + alignment;
        const where = (): string => `${length} octets, phase ${phase}, alignment ${alignment}`;
        memory.place(at, all.subarray(0, length));
        const after = mask(memory.octets.subarray(at, at + length), word, phase);
        same(after, (phase + length) % 4, () => `phase after ${where()}`);
        memory.holds(at, byPhase[phase]!.subarray(0, length), where);
      }
    });
  });

  test("maskRange, at every phase and alignment (§5.3)", () => {
    forEveryLength((length, phase) => {
      for (let alignment = 0; alignment < 16; alignment++) {
        const at = GUARD + alignment;
        memory.place(at, all.subarray(0, length));
        maskRange(kernel, memory.octets, at, at + length, word, phase);
        memory.holds(at, byPhase[phase]!.subarray(0, length), () => `${length} octets, ${phase}, ${alignment}`);
      }
    });
  });

  test("maskInto, at every phase, from every alignment to every alignment, and the source stays (§5.3)", () => {
    forEveryLength((length, phase) => {
      const expected = byPhase[phase]!.subarray(0, length);
      for (let from = 0; from < 16; from++) {
        memory.place(GUARD + from, all.subarray(0, length));
        for (let to = 0; to < 16; to++) {
          target.clear();
          maskInto(kernel, memory.octets, GUARD + from, GUARD + from + length, target.octets, GUARD + to, word, phase);
          target.holds(GUARD + to, expected, () => `${length} octets, phase ${phase}, from ${from} to ${to}`);
        }
        memory.holds(GUARD + from, all.subarray(0, length), () => `source of ${length} octets, from ${from}`);
      }
    });
  });

  test("maskInto of octets that are all of their array, onto themselves (§5.3)", () => {
    forEveryLength((length, phase) => {
      const octets = all.slice(0, length);
      maskInto(kernel, octets, 0, length, octets, 0, word, phase);
      sameOctets(octets, byPhase[phase]!.subarray(0, length), () => `${length} octets, phase ${phase}`);
    });
  });

  test("maskRange around each piece of 16 KiB that goes through the scratch region, at every phase (§5.3)", () => {
    const long = new Random(3).octets(2 * 16384 + 20);
    for (let phase = 0; phase < 4; phase++) {
      const expected = maskedFrom(long, phase);
      for (const edge of [16384, 2 * 16384]) {
        for (let length = edge - 17; length <= edge + 17; length++) {
          const octets = long.slice();
          maskRange(kernel, octets, 1, 1 + length, word, (phase + 1) % 4);
          const where = (): string => `${length} octets, phase ${phase}`;
          sameOctets(octets.subarray(1, 1 + length), expected.subarray(1, 1 + length), where);
          same(octets[0], long[0], () => `the octet before ${where()}`);
          sameOctets(octets.subarray(1 + length), long.subarray(1 + length), () => `the octets behind ${where()}`);
        }
      }
    }
  });

  test("encodeFrame as a client, with every octet of the key first (§5.3)", () => {
    forEveryLength((length, phase) => {
      const key = Uint8Array.from({ length: 4 }, (_, index) => maskingKey[(phase + index) % 4]!);
      const payload = all.subarray(0, length);
      const found = encodeFrame(2, payload, { role: "client", maskingKey: keyWord(key) });
      sameOctets(found, frame({ opcode: 2, maskingKey: key, payload }), () => `${length} octets, phase ${phase}`);
    });
  });

  test("a client's connection, whatever stands before in its output, alone and in one write with others (§5.3)", () => {
    const { connection, transport, tick } = endpoint({ role: "client" });
    const lengths = Array.from({ length: LONGEST + 1 }, (_, length) => length);
    for (const length of lengths) {
      connection.send(all.subarray(0, length));
      connection.flush();
    }
    const alone = transport.writes.length;
    assert.ok(alone >= lengths.length, `${alone} writes`);
    connection.run(() => {
      for (const length of lengths) connection.send(all.subarray(0, length));
    });
    tick.end();
    assert.ok(transport.writes.length < alone + lengths.length, "some of them share a write");
    const sent = transport.octets;
    let at = 0;
    for (const length of [...lengths, ...lengths]) {
      const headerLength = length < 126 ? 6 : 8;
      const key = sent.subarray(at + headerLength - 4, at + headerLength);
      const expected = frame({ opcode: 2, maskingKey: key, payload: all.subarray(0, length) });
      sameOctets(sent.subarray(at, at + expected.length), expected, () => `${length} octets`);
      at += expected.length;
    }
    assert.is(at, sent.length);
  });

  test.run();
}
