// decode and the length of a frame, RFC 6455 §5.2 and §5.5: its three forms, their cliffs, and headers that are not whole yet.

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { same } from "../support/assertions.ts";
import { callDecode } from "../support/driver.ts";
import { frame } from "../support/frames.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { filled, hex, toHex } from "../support/octets.ts";

const maskingKey = hex("37 fa 21 3d");

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode lengths", entry);

  for (const role of ["server", "client"] as const) {
    const key = role === "server" ? { maskingKey } : {};

    test(`as ${role}, takes each length in its shortest form only (§5.2)`, () => {
      for (const [length, shortest] of [
        [0, 7],
        [1, 7],
        [125, 7],
        [126, 16],
        [127, 16],
        [65534, 16],
        [65535, 16],
        [65536, 64],
      ] as const) {
        for (const lengthForm of [7, 16, 64] as const) {
          if (lengthForm < shortest) continue;
          const header = frame({ opcode: 2, lengthForm, announced: BigInt(length), ...key });
          const result = callDecode(kernel, header, { role });
          const where = `${length} octets in ${lengthForm} bits: ${toHex(header)}`;
          assert.is(result.violation, lengthForm === shortest ? 0 : K.VIOLATION_LENGTH_NOT_MINIMAL, where);
          assert.is(result.consumed, lengthForm === shortest ? header.length : 0, where);
          if (lengthForm === shortest && length > 0)
            assert.is(result.state!.floats[0], length, `remaining of ${where}`);
        }
      }
    });

    test(`as ${role}, takes lengths up to 2^63 - 1 and no others (§5.2)`, () => {
      for (const announced of [
        2n ** 32n - 1n,
        2n ** 32n,
        2n ** 32n + 1n,
        2n ** 53n - 1n,
        2n ** 53n,
        2n ** 62n,
        2n ** 63n - 1n,
      ]) {
        const result = callDecode(kernel, frame({ opcode: 2, announced, ...key }), { role });
        assert.is(result.violation, 0, `${announced} octets`);
        assert.equal(result.state!.floats, [Number(announced), Number(announced)], `${announced} octets`);
      }
      for (const announced of [2n ** 63n, 2n ** 63n + 1n, 2n ** 64n - 1n]) {
        const result = callDecode(kernel, frame({ opcode: 2, announced, ...key }), { role });
        assert.is(result.violation, K.VIOLATION_LENGTH_TOP_BIT, `${announced} octets`);
      }
    });

    test(`as ${role}, waits for the rest of a header and judges what it has of it (§5.2)`, () => {
      for (const lengthForm of [7, 16, 64] as const) {
        const length = { 7: 5, 16: 300, 64: 65536 }[lengthForm];
        const whole = frame({ opcode: 2, announced: BigInt(length), ...key });
        for (let available = 0; available < whole.length; available++) {
          const result = callDecode(kernel, whole.subarray(0, available), { role });
          assert.equal(
            [result.records.length, result.violation, result.consumed, result.state],
            [0, 0, 0, null],
            `${available} octets of ${toHex(whole)}`,
          );
        }
        const reserved = whole.slice();
        reserved[0] = 0x83;
        assert.is(callDecode(kernel, reserved.subarray(0, 2), { role }).violation, K.VIOLATION_RESERVED_OPCODE);
      }
    });
  }

  test("takes control frames of 0 to 125 octets, whole (§5.5)", () => {
    for (const opcode of [9, 10]) {
      for (let length = 0; length <= 125; length++) {
        const whole = frame({ opcode, payload: filled(length, 0x2a), maskingKey });
        const [record] = callDecode(kernel, whole, { role: "server" }).records;
        same(toHex(record!.payload), toHex(filled(length, 0x2a)), () => `opcode ${opcode}, ${length} octets`);
        const cut = callDecode(kernel, whole.subarray(0, whole.length - 1), { role: "server" });
        same(
          cut.records.length + cut.consumed + cut.violation,
          0,
          () => `opcode ${opcode}, ${length} octets, the last one missing`,
        );
      }
    }
  });

  test.run();
}
