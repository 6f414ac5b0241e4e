// The limits of decode, RFC 6455 §10.4: judged at the header, on what it announces, to the octet.

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { callDecode, decodeCut } from "../support/driver.ts";
import { frame } from "../support/frames.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, filled, hex } from "../support/octets.ts";

const maskingKey = hex("37 fa 21 3d");
const role = "server";

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode limits", entry);

  test("lets a frame of maxFrameLength pass and fails one octet more, at the header", () => {
    for (const limit of [0, 1, 125, 126, 65535, 65536, 2 ** 31, 3e9, 2 ** 32, 2 ** 53 - 1]) {
      const rules = { role, maxFrameLength: limit } as const;
      const equal = frame({ opcode: 2, announced: BigInt(limit), maskingKey });
      assert.is(callDecode(kernel, equal, rules).violation, 0, `${limit} octets, limit ${limit}`);
      const over = frame({ opcode: 2, announced: BigInt(limit) + 1n, maskingKey });
      const result = callDecode(kernel, over.subarray(0, over.length - 4), rules);
      assert.is(
        result.violation,
        K.VIOLATION_FRAME_TOO_LONG,
        `${limit + 1} octets, limit ${limit}, the key still to come`,
      );
      assert.equal(result.announced, [limit + 1, limit + 1], `${limit + 1} octets, limit ${limit}`);
    }
  });

  test("counts a message's fragments together for maxMessageLength", () => {
    for (const limit of [1, 2, 125, 126, 65536, 3e9, 2 ** 32]) {
      const rules = { role, maxMessageLength: limit } as const;
      const first = frame({ opcode: 1, fin: false, payload: hex("41"), maskingKey });
      const ping = frame({ opcode: 9, payload: filled(125, 1), maskingKey });
      for (const over of [0, 1]) {
        const last = frame({ opcode: 0, announced: BigInt(limit - 1 + over), maskingKey });
        const result = callDecode(kernel, concat(first, ping, last), rules);
        assert.is(result.violation, over ? K.VIOLATION_MESSAGE_TOO_LONG : 0, `${limit + over} octets, limit ${limit}`);
        if (over) assert.equal(result.announced, [limit, limit + 1], `${limit + 1} octets, limit ${limit}`);
      }
    }
  });

  test("fails a single frame over maxMessageLength", () => {
    const rules = { role, maxMessageLength: 9 } as const;
    assert.is(callDecode(kernel, frame({ opcode: 2, payload: filled(9, 1), maskingKey }), rules).violation, 0);
    const over = callDecode(kernel, frame({ opcode: 2, payload: filled(10, 1), maskingKey }), rules);
    assert.is(over.violation, K.VIOLATION_MESSAGE_TOO_LONG);
  });

  test("names the frame's limit where both are passed", () => {
    const rules = { role, maxFrameLength: 3, maxMessageLength: 3 } as const;
    assert.is(
      callDecode(kernel, frame({ opcode: 2, payload: filled(4, 1), maskingKey }), rules).violation,
      K.VIOLATION_FRAME_TOO_LONG,
    );
  });

  test("exempts control frames, inside a message too (§5.5)", () => {
    const rules = { role, maxFrameLength: 1, maxMessageLength: 1 } as const;
    const stream = concat(
      frame({ opcode: 2, fin: false, payload: hex("00"), maskingKey }),
      frame({ opcode: 9, payload: filled(125, 1), maskingKey }),
      frame({ opcode: 10, payload: filled(125, 2), maskingKey }),
      frame({ opcode: 0, maskingKey }),
      frame({ opcode: 8, payload: concat(hex("03 e8"), filled(123, 0x2a)), maskingKey }),
    );
    const { violation, records } = callDecode(kernel, stream, rules);
    assert.equal([violation, records.length], [0, 5]);
  });

  test("begins to count anew with every message, whole or cut anywhere", () => {
    const rules = { role, maxMessageLength: 4 } as const;
    const message = concat(
      frame({ opcode: 1, fin: false, payload: hex("41 42 43"), maskingKey }),
      frame({ opcode: 0, payload: hex("44"), maskingKey }),
      frame({ opcode: 2, payload: hex("01 02 03 04"), maskingKey }),
    );
    const stream = concat(
      message,
      message,
      frame({ opcode: 1, fin: false, payload: hex("45"), maskingKey }),
      frame({ opcode: 0, announced: 4n, maskingKey }),
    );
    for (let cut = 0; cut <= stream.length; cut++) {
      const { outcome } = decodeCut(kernel, rules, stream, [cut]);
      assert.is(outcome.violation, K.VIOLATION_MESSAGE_TOO_LONG, `cut ${cut}`);
      assert.is(outcome.frameOffset, message.length * 2 + 7, `cut ${cut}`);
      assert.is(outcome.events.length, 4, `cut ${cut}`);
    }
  });

  test("holds no limit at Infinity", () => {
    const { violation } = callDecode(kernel, frame({ opcode: 2, announced: 2n ** 63n - 1n, maskingKey }), { role });
    assert.is(violation, 0);
  });

  test.run();
}
