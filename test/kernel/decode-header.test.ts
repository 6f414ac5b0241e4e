// decode's judgement of headers, RFC 6455 §5.2: every first two octets in every situation, and the cliffs of the length.

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { same } from "../support/assertions.ts";
import { callDecode, configOf } from "../support/driver.ts";
import { frame } from "../support/frames.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { filled, hex, toHex } from "../support/octets.ts";
import type { Rules } from "../support/reference.ts";

interface Situation {
  readonly rules: Rules;
  readonly messageOpen: boolean;
}

const situations: Situation[] = [];
for (const role of ["server", "client"] as const) {
  for (const messageOpen of [false, true])
    for (const allowedRsv of [0, 4]) situations.push({ rules: { role, allowedRsv }, messageOpen });
}

/** A row holds for a header if every one of its tests does; the first row that holds gives the violation. */
const table: readonly (readonly [number, (header: Header) => boolean])[] = [
  [K.VIOLATION_RESERVED_BIT, ({ rsv, allowedRsv }) => (rsv & ~allowedRsv) !== 0], // §5.2
  [K.VIOLATION_RESERVED_OPCODE, ({ opcode }) => (opcode > 2 && opcode < 8) || opcode > 10], // §5.2
  [K.VIOLATION_MASK_MISSING, ({ server, masked }) => server && !masked], // §5.1
  [K.VIOLATION_MASK_FORBIDDEN, ({ server, masked }) => !server && masked], // §5.1
  [K.VIOLATION_RSV1_MISPLACED, ({ opcode, rsv }) => opcode > 7 && rsv > 3], // RFC 7692 §6.1
  [K.VIOLATION_CONTROL_FRAGMENTED, ({ opcode, fin }) => opcode > 7 && !fin], // §5.5
  [K.VIOLATION_CONTROL_TOO_LONG, ({ opcode, length7 }) => opcode > 7 && length7 > 125], // §5.5
  [K.VIOLATION_CONTINUATION_UNEXPECTED, ({ opcode, messageOpen }) => opcode === 0 && !messageOpen], // §5.4
  [K.VIOLATION_RSV1_MISPLACED, ({ opcode, rsv }) => opcode === 0 && rsv > 3], // RFC 7692 §6.1
  [K.VIOLATION_CONTINUATION_EXPECTED, ({ opcode, messageOpen }) => (opcode === 1 || opcode === 2) && messageOpen], // §5.4
  [K.VIOLATION_LENGTH_NOT_MINIMAL, ({ length7 }) => length7 > 125], // §5.2: the length that follows is 0
  [K.VIOLATION_CLOSE_LENGTH, ({ opcode, length7 }) => opcode === 8 && length7 === 1], // §5.5.1
  [K.VIOLATION_CLOSE_CODE, ({ opcode, length7 }) => opcode === 8 && length7 > 1], // §7.4: the code is 0
];

interface Header {
  fin: boolean;
  rsv: number;
  opcode: number;
  masked: boolean;
  length7: number;
  server: boolean;
  messageOpen: boolean;
  allowedRsv: number;
}

const maskingKey = hex("37 fa 21 3d");

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode headers", entry);
  const { control, records } = kernel;

  for (const { rules, messageOpen } of situations) {
    const name = `as ${rules.role}, RSV1 ${rules.allowedRsv ? "allowed" : "not allowed"}, ${messageOpen ? "inside a text message" : "no message open"}`;

    test(`judges every first two octets ${name} (§5.2)`, () => {
      const config = configOf(rules) | (messageOpen ? K.CONFIG_RESUME : 0);
      const ptr = kernel.inputPtr;
      kernel.octets.fill(0, ptr, ptr + 256); // lengths that follow, key and payload are zeros
      for (let pair = 0; pair < 65536; pair++) {
        const length7 = pair & 127;
        const header: Header = {
          fin: (pair & 0x8000) !== 0,
          rsv: (pair >> 12) & 7,
          opcode: (pair >> 8) & 15,
          masked: (pair & 0x80) !== 0,
          length7,
          server: rules.role === "server",
          messageOpen,
          allowedRsv: rules.allowedRsv!,
        };
        let violation = 0;
        for (const [number, holds] of table) {
          if (!holds(header)) continue;
          violation = number;
          break;
        }
        const isControl = header.opcode > 7;
        const isText = header.opcode === 1 || (header.opcode === 0 && messageOpen);
        const compressed = header.rsv > 3 && !isControl;
        let bits = (pair >> 8) | K.RECORD_FRAME_END;
        if (isText) bits |= K.RECORD_TEXT;
        if (!isControl && header.fin) bits |= K.RECORD_MESSAGE_END;
        if (compressed) bits |= K.RECORD_COMPRESSED;
        if (!isControl) bits |= K.RECORD_ASCII; // of zeros; for binary it means nothing

        kernel.octets[ptr] = pair >> 8;
        kernel.octets[ptr + 1] = pair & 255;
        control[K.CONTROL_FRAME] = 1;
        control[K.CONTROL_MESSAGE] = K.MESSAGE_OPEN | K.RECORD_TEXT;
        control[K.CONTROL_MASKING_KEY] = 0;
        control[K.CONTROL_UTF8] = 0;
        kernel.controlFloats[K.CONTROL_REMAINING] = 0;
        kernel.controlFloats[K.CONTROL_MESSAGE_LENGTH] = 3;
        records[0] = -1;
        const length = 2 + (length7 === 126 ? 2 : length7 === 127 ? 8 : length7) + (header.masked ? 4 : 0);
        const count = kernel.decode(ptr, length, config, Infinity, Infinity);

        const where = (): string => `${toHex(Uint8Array.of(pair >> 8, pair & 255))} ${name}`;
        same(control[K.CONTROL_VIOLATION], violation, () => `violation of ${where()}`);
        same(control[K.CONTROL_FRAME_AT], 0, () => `frame of ${where()}`);
        same(count, violation ? 0 : 1, () => `records of ${where()}`);
        same(control[K.CONTROL_CONSUMED], violation ? 0 : length, () => `octets consumed of ${where()}`);
        const open = header.fin && !isControl && !violation ? false : messageOpen || (!isControl && !violation);
        same(control[K.CONTROL_RESUMABLE], open ? 1 : 0, () => `whether a message is open after ${where()}`);
        if (violation) continue;
        same(records[0], bits, () => `record of ${where()}`);
        same(records[2], length7, () => `payload of ${where()}`);
      }
    });
  }

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
