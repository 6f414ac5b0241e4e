// encode, RFC 6455 §5.2 and §5.3, against frames written from the section, and against decode.

import * as assert from "uvu/assert";
import { sameOctets } from "../support/assertions.ts";
import { decodeCut } from "../support/driver.ts";
import { frame, keyWord } from "../support/frames.ts";
import { type KernelUnderTest, kernelSuite, kernels } from "../support/kernels.ts";
import { hex, placeGuarded, Random, toHex, utf8 } from "../support/octets.ts";

const lengths = [0, 1, 2, 15, 16, 17, 63, 64, 65, 124, 125, 126, 127, 128, 255, 256, 257, 65534, 65535, 65536];
const maskingKeys = [hex("37 fa 21 3d"), hex("00 00 00 00"), hex("ff ff ff ff"), hex("01 02 03 80")];

/** The frame that a kernel makes, copied out. */
function encoded({ kernel }: KernelUnderTest, first: number, payload: Uint8Array, maskingKey?: Uint8Array): Uint8Array {
  const ptr = kernel.scratchPtr;
  const guardsStand = placeGuarded(kernel.octets, ptr, payload);
  // Without masking the key is to be ignored, whatever it is.
  const at = kernel.encode(
    ptr,
    payload.length,
    first,
    maskingKey ? 1 : 0,
    maskingKey ? keyWord(maskingKey) : 0x5a5a5a5a,
  );
  assert.ok(guardsStand(ptr - at), `guards around ${payload.length} octets`);
  return Uint8Array.from(kernel.octets.subarray(at, ptr + payload.length));
}

for (const entry of kernels) {
  const test = kernelSuite("encode", entry);
  const random = new Random(11);
  const everything = random.octets(65536);

  test("makes the frames of the examples (§5.7)", () => {
    assert.is(toHex(encoded(entry, 0x81, utf8("Hello"))), "81 05 48 65 6c 6c 6f");
    assert.is(toHex(encoded(entry, 0x81, utf8("Hello"), hex("37 fa 21 3d"))), "81 85 37 fa 21 3d 7f 9f 4d 51 58");
    assert.is(toHex(encoded(entry, 0x01, utf8("Hel"))), "01 03 48 65 6c");
    assert.is(toHex(encoded(entry, 0x80, utf8("lo"))), "80 02 6c 6f");
    assert.is(toHex(encoded(entry, 0x89, utf8("Hello"))), "89 05 48 65 6c 6c 6f");
    assert.is(toHex(encoded(entry, 0x82, everything.subarray(0, 256)).subarray(0, 4)), "82 7e 01 00");
    assert.is(toHex(encoded(entry, 0x82, everything).subarray(0, 10)), "82 7f 00 00 00 00 00 01 00 00");
  });

  test("gives each length its shortest form, masked and not (§5.2)", () => {
    for (const length of lengths) {
      const payload = everything.subarray(0, length);
      for (const maskingKey of [undefined, ...maskingKeys]) {
        const expected = frame({ opcode: 2, payload, ...(maskingKey ? { maskingKey } : {}) });
        const key = maskingKey ? toHex(maskingKey) : "none";
        sameOctets(encoded(entry, 0x82, payload, maskingKey), expected, () => `${length} octets, masking key ${key}`);
      }
    }
  });

  test("writes FIN, the RSV bits and the opcode as they are given (§5.2)", () => {
    const payload = utf8("any");
    for (let first = 0; first < 256; first++) {
      const expected = frame({ fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, payload });
      sameOctets(encoded(entry, first, payload), expected, () => `first octet ${first.toString(16)}`);
    }
  });

  test("decodes to what was encoded, whole and cut", () => {
    for (const length of [...lengths.slice(0, -3), 5000, 65522]) {
      const payload = everything.subarray(0, length);
      for (const maskingKey of [undefined, ...maskingKeys]) {
        const octets = encoded(entry, 0x82, payload, maskingKey);
        const role = maskingKey ? "server" : "client";
        for (const cuts of [[], [1], [random.below(octets.length)]]) {
          const { records, outcome } = decodeCut(entry.kernel, { role }, octets, cuts);
          assert.equal([outcome.violation, outcome.events.length], [0, 1], `${length} octets, cut at ${cuts}`);
          let at = 0;
          for (const record of records) {
            const expected = payload.subarray(at, at + record.payload.length);
            sameOctets(record.payload, expected, () => `${length} octets, cut at ${cuts}`);
            at += record.payload.length;
          }
          assert.is(at, length);
        }
      }
    }
  });

  test.run();
}
