// encodeFrame: one frame, octet for octet what RFC 6455 §5.2 says, for both roles.

import * as assert from "uvu/assert";
import { type EncodeFrameOptions, encodeFrame } from "../../bindings/codec/encode-frame.ts";
import { Opcode } from "../../bindings/codes.ts";
import { thrownBy } from "../connection/support.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { frame } from "../support/frames.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, Random, toHex, utf8 } from "../support/octets.ts";

const cliffs = [0, 1, 124, 125, 126, 127, 128, 4095, 4096, 4097, 65_535, 65_536, 65_537, 200_000];
const maskingKey = hex("37 fa 21 3d");
const keyWord = 0x3d21fa37;

function same(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.is(Buffer.compare(actual, expected), 0, what);
}

for (const tested of kernels) {
  const test = builtOnKernel("encodeFrame", tested);

  test("makes the frames of RFC 6455 §5.7", () => {
    assert.is(toHex(encodeFrame(1, "Hello")), "81 05 48 65 6c 6c 6f");
    const hello = { role: "client", maskingKey: keyWord } as const;
    assert.is(toHex(encodeFrame(1, "Hello", hello)), "81 85 37 fa 21 3d 7f 9f 4d 51 58");
    assert.is(toHex(encodeFrame(1, "Hel", { fin: false })), "01 03 48 65 6c");
    assert.is(toHex(encodeFrame(0, "lo")), "80 02 6c 6f");
    assert.is(toHex(encodeFrame(9, "Hello")), "89 05 48 65 6c 6c 6f");
    assert.is(toHex(encodeFrame(2, filled(256, 0)).subarray(0, 4)), "82 7e 01 00");
    assert.is(toHex(encodeFrame(2, filled(65_536, 0)).subarray(0, 10)), "82 7f 00 00 00 00 00 01 00 00");
  });

  test("is right on both sides of every length cliff, for octets and for text, in both roles (§5.2)", () => {
    for (const length of cliffs) {
      const octets = new Random(length).octets(length);
      const text = "x".repeat(length);
      same(encodeFrame(2, octets), frame({ opcode: 2, payload: octets }), `server, ${length} octets`);
      same(encodeFrame(1, text), frame({ opcode: 1, payload: utf8(text) }), `server, ${length} characters`);
      const client = { role: "client", maskingKey: keyWord } as const;
      same(
        encodeFrame(2, octets, client),
        frame({ opcode: 2, payload: octets, maskingKey }),
        `client, ${length} octets`,
      );
      same(
        encodeFrame(1, text, client),
        frame({ opcode: 1, payload: utf8(text), maskingKey }),
        `client, ${length} text`,
      );
    }
  });

  test("counts text in octets, and lone surrogates as U+FFFD (§5.6)", () => {
    for (const text of [
      "é".repeat(62),
      "é".repeat(63),
      "漢".repeat(42),
      "😀".repeat(32),
      "\ud800a\udc00",
      "漢".repeat(3000),
    ]) {
      same(encodeFrame(1, text), frame({ opcode: 1, payload: utf8(text) }), JSON.stringify(text.slice(0, 9)));
    }
    assert.is(toHex(encodeFrame(1, "\ud800")), "81 03 ef bf bd");
  });

  test("takes views with an offset, buffers and shared buffers, and changes none", () => {
    const payload = utf8("payload");
    const padded = concat(filled(5, 0xa5), payload, filled(5, 0xa5));
    const shared = new Uint8Array(new SharedArrayBuffer(7));
    shared.set(payload);
    const views = [
      padded.subarray(5, 12),
      Buffer.from(padded.buffer, 5, 7),
      new DataView(padded.buffer, 5, 7),
      payload.buffer,
      shared.buffer,
    ];
    for (const role of ["server", "client"] as const) {
      for (const view of views) {
        const options = role === "client" ? { role, maskingKey: keyWord } : { role };
        const expected = frame(role === "client" ? { opcode: 2, payload, maskingKey } : { opcode: 2, payload });
        same(encodeFrame(2, view, options), expected, role);
      }
    }
    same(encodeFrame(2, new Uint16Array([0x0201, 0x0403])), hex("82 04 01 02 03 04"), "a view of 16-bit elements");
    same(padded, concat(filled(5, 0xa5), payload, filled(5, 0xa5)), "the caller's octets");
  });

  test("keeps nothing in linear memory: the frame stays as it is", () => {
    for (const length of [0, 5, 4096, 4097, 70_000]) {
      const payload = new Random(length).octets(length);
      const made = encodeFrame(2, payload, { role: "client", maskingKey: keyWord });
      poison(tested.kernel);
      same(made, frame({ opcode: 2, payload, maskingKey }), `${length} octets`);
      assert.is.not(made.buffer, tested.kernel.octets.buffer);
    }
  });

  test("sets reserved bits and clears FIN as told (§5.2)", () => {
    for (let rsv = 0; rsv < 8; rsv++) assert.is(encodeFrame(2, "", { rsv })[0], 0x82 | (rsv << 4));
    assert.is(encodeFrame(2, "", { fin: false })[0], 0x02);
    for (const opcode of Object.values(Opcode)) assert.is(encodeFrame(opcode, "")[0], 0x80 | opcode);
  });

  test("takes a masking key as a signed or an unsigned word, and makes unlike ones where none is given (§5.3)", () => {
    const high = toHex(encodeFrame(1, "", { role: "client", maskingKey: 0xfffefdfc }));
    assert.is(high, "81 80 fc fd fe ff");
    assert.is(toHex(encodeFrame(1, "", { role: "client", maskingKey: 0xfffefdfc | 0 })), high);
    const keys = new Set(Array.from({ length: 3000 }, () => toHex(encodeFrame(1, "", { role: "client" }))));
    assert.ok(keys.size > 2990, "3000 keys of 32 bits hardly ever meet");
  });

  test("wrong arguments and options throw UsageErrors", () => {
    const wrong: readonly [string, number, unknown, unknown?][] = [
      ["WS_ARGUMENT", 3, ""],
      ["WS_ARGUMENT", 11, ""],
      ["WS_ARGUMENT", 16, ""],
      ["WS_ARGUMENT", -1, ""],
      ["WS_ARGUMENT", NaN, ""],
      ["WS_ARGUMENT", "1" as unknown as number, ""],
      ["WS_ARGUMENT", 1, null],
      ["WS_ARGUMENT", 1, undefined],
      ["WS_ARGUMENT", 2, 5],
      ["WS_ARGUMENT", 2, [1, 2]],
      ["WS_ARGUMENT", 9, filled(126, 1)],
      ["WS_ARGUMENT", 9, "é".repeat(63)],
      ["WS_ARGUMENT", 8, "", { fin: false }],
      ["WS_OPTION", 1, "", { role: "peer" }],
      ["WS_OPTION", 1, "", { rsv: 8 }],
      ["WS_OPTION", 1, "", { rsv: -1 }],
      ["WS_OPTION", 1, "", { fin: 1 }],
      ["WS_OPTION", 1, "", { mask: true }],
      ["WS_OPTION", 1, "", { role: "client", maskingKey: 1.5 }],
      ["WS_OPTION", 1, "", { role: "client", maskingKey: 2 ** 32 }],
      ["WS_OPTION", 1, "", { role: "client", maskingKey: -(2 ** 31) - 1 }],
      ["WS_OPTION", 1, "", { role: "client", maskingKey: "key" }],
      ["WS_OPTION", 1, "", null],
    ];
    for (const [code, opcode, payload, options] of wrong) {
      const call = (): unknown => encodeFrame(opcode, payload as string, options as EncodeFrameOptions);
      assert.is(thrownBy(call), `UsageError ${code}`, JSON.stringify([opcode, payload, options])?.slice(0, 80));
    }
  });

  test.run();
}
