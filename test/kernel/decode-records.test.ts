// The records of decode: one a frame, or a piece of one, with flags that tell what it is and what it ends.

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { same } from "../support/assertions.ts";
import { callDecode, decodeCut } from "../support/driver.ts";
import { frame } from "../support/frames.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, filled, hex, Random, toHex, utf8 } from "../support/octets.ts";

const maskingKey = hex("37 fa 21 3d");
const END = K.RECORD_FRAME_END;
const LAST = K.RECORD_FRAME_END | K.RECORD_MESSAGE_END;
const { RECORD_ASCII: ASCII, RECORD_TEXT: TEXT, RECORD_COMPRESSED: COMPRESSED } = K;

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode records", entry);

  for (const role of ["server", "client"] as const) {
    const key = role === "server" ? { maskingKey } : {};

    test(`as ${role}, flags text messages, their fragments, and what lies between (§5.4)`, () => {
      const stream = concat(
        frame({ opcode: 1, payload: utf8("Hello"), ...key }),
        frame({ opcode: 1, payload: utf8("é"), ...key }),
        frame({ opcode: 1, fin: false, payload: utf8("x"), ...key }),
        frame({ opcode: 9, payload: hex("ff"), ...key }),
        frame({ opcode: 0, fin: false, payload: utf8("é"), ...key }),
        frame({ opcode: 0, ...key }),
        frame({ opcode: 10, ...key }),
        frame({ opcode: 8, payload: hex("03 e8"), ...key }),
      );
      const { records, consumed, state } = callDecode(kernel, stream, { role });
      const bits = [
        0x81 | TEXT | ASCII | LAST,
        0x81 | TEXT | LAST,
        0x01 | TEXT | ASCII | END,
        0x89 | END,
        0x00 | TEXT | END,
        0x80 | TEXT | ASCII | LAST,
        0x8a | END,
        0x88 | END,
      ];
      assert.equal(
        records.map((record) => record.bits.toString(16)),
        bits.map((word) => word.toString(16)),
      );
      assert.equal(
        records.map((record) => toHex(record.payload)),
        ["48 65 6c 6c 6f", "c3 a9", "78", "ff", "c3 a9", "", "", "03 e8"],
      );
      assert.is(consumed, stream.length);
      assert.is(state, null, "at a frame boundary, no message open");
    });

    test(`as ${role}, flags binary messages, which may hold any octet (§5.6)`, () => {
      const stream = concat(
        frame({ opcode: 2, payload: hex("ff fe 80"), ...key }),
        frame({ opcode: 2, fin: false, payload: hex("c0"), ...key }),
        frame({ opcode: 0, payload: hex("c1"), ...key }),
      );
      const { records, violation } = callDecode(kernel, stream, { role });
      assert.is(violation, 0);
      assert.equal(
        records.map((record) => record.bits & ~ASCII),
        [0x82 | LAST, 0x02 | END, 0x80 | LAST],
      );
    });

    test(`as ${role}, flags compressed messages and leaves their text to the inflater (RFC 7692 §6)`, () => {
      const rules = { role, allowedRsv: 4 } as const;
      const stream = concat(
        frame({ opcode: 1, rsv: 4, fin: false, payload: hex("ff"), ...key }),
        frame({ opcode: 9, ...key }),
        frame({ opcode: 0, payload: hex("c3"), ...key }),
        frame({ opcode: 2, rsv: 4, payload: hex("ff"), ...key }),
        frame({ opcode: 1, payload: utf8("plain"), ...key }),
      );
      const { records, violation } = callDecode(kernel, stream, rules);
      assert.is(violation, 0);
      const bits = [
        0x41 | TEXT | COMPRESSED | END,
        0x89 | END,
        0x80 | TEXT | COMPRESSED | LAST,
        0xc2 | COMPRESSED | LAST,
        0x81 | TEXT | LAST,
      ];
      assert.equal(
        records.map((record) => record.bits & ~ASCII),
        bits,
      );
      const next = callDecode(kernel, concat(stream, frame({ opcode: 1, payload: hex("ff"), ...key })), rules);
      assert.is(next.violation, K.VIOLATION_INVALID_UTF8, "text after a compressed message is checked again");
    });

    test(`as ${role}, validates no text where CONFIG_SKIP_UTF8 is given, and still tells ASCII from the rest`, () => {
      const stream = concat(
        frame({ opcode: 1, payload: hex("41 ff"), ...key }),
        frame({ opcode: 1, payload: hex("41 42"), ...key }),
        frame({ opcode: 1, payload: hex("80 80"), ...key }),
      );
      const { records, violation } = callDecode(kernel, stream, { role, skipUtf8: true });
      assert.is(violation, 0);
      assert.equal(
        records.map((record) => record.bits & ASCII),
        [0, ASCII, 0],
      );
    });

    test(`as ${role}, tells ASCII pieces from others at every length and position`, () => {
      for (let length = 2; length <= 80; length++) {
        for (let position = -1; position < length - 1; position++) {
          const payload = filled(length, 0x7e);
          if (position >= 0) payload.set(utf8("é"), position);
          const { records } = callDecode(kernel, frame({ opcode: 1, payload, ...key }), { role });
          same((records[0]!.bits & ASCII) !== 0, position < 0, () => `${length} octets, é at ${position}`);
        }
      }
    });
  }

  test("gives a piece for what a chunk holds of a frame, and none for a header alone", () => {
    const whole = frame({ opcode: 1, payload: utf8("Hello"), maskingKey });
    const header = callDecode(kernel, whole.subarray(0, 6), { role: "server" });
    assert.equal([header.records.length, header.consumed], [0, 6]);
    const { records, events } = decodeCut(kernel, { role: "server" }, whole, [6, 8]);
    assert.equal(
      records.map((record) => [record.bits, toHex(record.payload)]),
      [
        [0x81 | TEXT | ASCII, "48 65"],
        [0x81 | TEXT | ASCII | LAST, "6c 6c 6f"],
      ],
    );
    assert.equal(events, ["text 48 65 6c 6c 6f"]);
  });

  test("gives no record for a chunk of no octets, inside a frame or not", () => {
    const begun = callDecode(kernel, hex("82 85 00 00 00 00 01"), { role: "server" });
    for (const state of [null, begun.state]) {
      const { records, consumed, violation } = callDecode(kernel, hex(""), { role: "server" }, state);
      assert.equal([records.length, consumed, violation], [0, 0, 0]);
    }
  });

  test("stops after RECORD_CAPACITY records and goes on from there", () => {
    for (const count of [K.RECORD_CAPACITY - 1, K.RECORD_CAPACITY, K.RECORD_CAPACITY + 1, 3 * K.RECORD_CAPACITY + 5]) {
      const frames = Array.from({ length: count }, (_, at) =>
        frame({ opcode: [9, 2][at % 2]!, payload: Uint8Array.of(at, at >> 8), maskingKey }),
      );
      const stream = concat(...frames, hex("81"));
      const first = callDecode(kernel, stream, { role: "server" });
      assert.is(first.records.length, Math.min(count, K.RECORD_CAPACITY), `${count} frames`);
      assert.is(first.consumed, first.records.length * 8, `${count} frames`);
      const { events } = decodeCut(kernel, { role: "server" }, stream);
      assert.equal(
        events,
        Array.from({ length: count }, (_, at) => `${["ping", "binary"][at % 2]} ${toHex(Uint8Array.of(at, at >> 8))}`),
      );
    }
  });

  test("stops at its capacity inside a message and goes on in it (§5.4)", () => {
    const fragments = Array.from(utf8("é".repeat(300)), (octet, at) =>
      frame({ opcode: at ? 0 : 1, fin: false, payload: Uint8Array.of(octet), maskingKey }),
    );
    const stream = concat(...fragments, frame({ opcode: 0, maskingKey }));
    assert.equal(decodeCut(kernel, { role: "server" }, stream).events, [`text ${toHex(utf8("é".repeat(300)))}`]);
    const broken = concat(...fragments.slice(0, 255), frame({ opcode: 0, payload: hex("41"), maskingKey }));
    const { outcome } = decodeCut(kernel, { role: "server" }, broken);
    assert.equal(
      [outcome.violation, outcome.frameOffset, outcome.octetOffset],
      [K.VIOLATION_INVALID_UTF8, 255 * 7, 255 * 7 + 6],
    );
  });

  test("fills the input region to its last octet", () => {
    const payload = new Random(5).octets(kernel.inputCapacity - 14);
    const whole = frame({ opcode: 2, payload, maskingKey });
    assert.is(whole.length, kernel.inputCapacity);
    const { records } = callDecode(kernel, whole, { role: "server" });
    assert.is(Buffer.compare(records[0]!.payload, payload), 0);
  });

  test("leaves every octet after the chunk as it was", () => {
    for (let length = 0; length <= 70; length++) {
      const text = frame({ opcode: 1, payload: filled(length, 0xc3).fill(0xa9, -1), maskingKey });
      callDecode(kernel, text, { role: "server" });
      for (let at = text.length; at < text.length + 64; at++)
        same(kernel.octets[kernel.inputPtr + at], 0xa5, () => `octet ${at}, ${length} octets of payload`);
    }
  });

  test.run();
}
