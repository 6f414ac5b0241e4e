// Masking inside decode and encode, RFC 6455 §5.3: every length from 0 to 300 octets, at every alignment of the payload and with
// every octet of the key first, against the section's own formula; and nothing around the payload changes.

import * as K from "../../assembly/constants.ts";
import { same, sameOctets } from "../support/assertions.ts";
import { callDecode, type State } from "../support/driver.ts";
import { frame, keyWord, masked } from "../support/frames.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, hex, POISON, placeGuarded, Random } from "../support/octets.ts";

const LONGEST = 300;
const maskingKey = hex("37 fa 21 3d");
const all = new Random(1).octets(LONGEST + 3);

/** The key whose first octet is octet `phase` of the key. */
function keyFrom(phase: number): Uint8Array {
  return Uint8Array.from({ length: 4 }, (_, index) => maskingKey[(phase + index) % 4]!);
}

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("mask in decode and encode", entry);
  const { octets, inputPtr, scratchPtr } = kernel;

  /** Decodes a chunk whose last `payload.length` octets begin at `payloadAt`, and compares them with `payload`. */
  const unmasks = (
    chunk: Uint8Array,
    payload: Uint8Array,
    payloadAt: number,
    state: State | null,
    where: () => string,
  ): State | null => {
    const end = payloadAt + payload.length;
    const { violation, records, state: left } = callDecode(kernel, chunk, { role: "server" }, state, end - inputPtr);
    same(violation, 0, () => `violation of ${where()}`);
    same(records.length, 1, () => `records of ${where()}`);
    sameOctets(records[0]!.payload, payload, where);
    sameOctets(octets.subarray(payloadAt, end), payload, () => `memory of ${where()}`);
    const header = chunk.subarray(0, chunk.length - payload.length);
    sameOctets(octets.subarray(payloadAt - header.length, payloadAt), header, () => `header of ${where()}`);
    for (let at = end; at < end + 48; at++) same(octets[at], POISON, () => `octet ${at - end} behind ${where()}`);
    const before = payloadAt - header.length;
    for (let at = before - 48; at < before; at++) same(octets[at], POISON, () => `octet ${at - before} of ${where()}`);
    return left;
  };

  test("unmasks data frames of every length at every alignment (§5.3)", () => {
    for (let length = 0; length <= LONGEST; length++) {
      const payload = all.subarray(0, length);
      const whole = frame({ opcode: 2, maskingKey, payload });
      for (let alignment = 0; alignment < 16; alignment++) {
        const where = (): string => `a frame of ${length} octets, alignment ${alignment}`;
        unmasks(whole, payload, inputPtr + 16 + alignment, null, where);
      }
    }
  });

  test("unmasks control frames of every length at every alignment (§5.3, §5.5)", () => {
    for (let length = 0; length <= K.MAX_CONTROL_LENGTH; length++) {
      const payload = all.subarray(0, length);
      const whole = frame({ opcode: 9, maskingKey, payload });
      for (let alignment = 0; alignment < 16; alignment++) {
        const where = (): string => `a ping of ${length} octets, alignment ${alignment}`;
        unmasks(whole, payload, inputPtr + 16 + alignment, null, where);
      }
    }
  });

  test("goes on unmasking every length at every phase and alignment, where a chunk cut the frame (§5.3)", () => {
    for (let phase = 0; phase < 4; phase++) {
      for (let length = phase === 0 ? 1 : 0; length <= LONGEST; length++) {
        const payload = all.subarray(0, phase + length);
        const whole = frame({ opcode: 2, fin: false, maskingKey, payload });
        const headerLength = whole.length - payload.length;
        const { state, records } = callDecode(kernel, whole.subarray(0, headerLength + phase), { role: "server" });
        same(records.length, phase === 0 ? 0 : 1, () => `records of the first ${phase} octets`);
        if (length === 0) continue; // nothing is left to unmask
        for (let alignment = 0; alignment < 16; alignment++) {
          const where = (): string => `the last ${length} octets, phase ${phase}, alignment ${alignment}`;
          const rest = whole.subarray(headerLength + phase);
          const left = unmasks(rest, payload.subarray(phase), inputPtr + 16 + alignment, state, where);
          same(left!.floats[0], 0, () => `octets to come after ${where()}`);
        }
      }
    }
  });

  test("leaves the key turned to the phase that goes on, after every length (§5.3)", () => {
    for (let length = 0; length <= LONGEST; length++) {
      const whole = frame({ opcode: 2, maskingKey, payload: all.subarray(0, LONGEST + 1) });
      const cut = whole.length - (LONGEST + 1) + length;
      const { state } = callDecode(kernel, whole.subarray(0, cut), { role: "server" });
      same(state!.words[2], keyWord(keyFrom(length % 4)), () => `masking key after ${length} octets`);
      const { records } = callDecode(kernel, whole.subarray(cut), { role: "server" }, state);
      sameOctets(records[0]!.payload, all.subarray(length, LONGEST + 1), () => `what follows ${length} octets`);
    }
  });

  test("encodes frames of every length, at every alignment and with every octet of the key first (§5.3)", () => {
    for (let phase = 0; phase < 4; phase++) {
      const key = keyFrom(phase);
      for (let length = 0; length <= LONGEST; length++) {
        const payload = all.subarray(0, length);
        const expected = frame({ opcode: 2, maskingKey: key, payload });
        const headerLength = expected.length - length;
        for (let alignment = 0; alignment < 16; alignment++) {
          const ptr = scratchPtr + 64 + alignment;
          const where = (): string => `${length} octets, phase ${phase}, alignment ${alignment}`;
          const guardsStand = placeGuarded(octets, ptr, payload);
          const at = kernel.encode(ptr, length, 0x82, 1, keyWord(key));
          same(at, ptr - headerLength, () => `place of the frame of ${where()}`);
          sameOctets(octets.subarray(at, ptr + length), expected, where);
          same(guardsStand(headerLength), true, () => `guards around ${where()}`);
        }
      }
    }
  });

  test("encodes what decode restores, at every length (§5.3)", () => {
    for (let length = 0; length <= LONGEST; length++) {
      const payload = all.subarray(0, length);
      octets.set(payload, scratchPtr);
      const at = kernel.encode(scratchPtr, length, 0x82, 1, keyWord(maskingKey));
      const onWire = Uint8Array.from(octets.subarray(at, scratchPtr + length));
      const [record] = callDecode(kernel, onWire, { role: "server" }).records;
      sameOctets(record!.payload, payload, () => `${length} octets`);
    }
  });

  test("unmasks each of many frames in a chunk with its own key (§5.3)", () => {
    const random = new Random(2);
    const payloads = Array.from({ length: 128 }, (_, length) => all.subarray(0, length));
    const chunk = concat(...payloads.map((payload) => frame({ opcode: 2, maskingKey: random.octets(4), payload })));
    const { records } = callDecode(kernel, chunk, { role: "server" });
    same(records.length, payloads.length, () => "records");
    records.forEach((record, index) => {
      sameOctets(record.payload, payloads[index]!, () => `frame ${index}`);
    });
  });

  test("the formula itself is that of the example (§5.7)", () => {
    sameOctets(masked(hex("48 65 6c 6c 6f"), maskingKey), hex("7f 9f 4d 51 58"), () => '"Hello"');
  });

  test.run();
}
