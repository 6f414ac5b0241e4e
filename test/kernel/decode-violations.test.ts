// What a peer may do wrong, each by name: the frame in hex as a client sends it (masking key 0 unless said), the violation,
// and the place that decode gives for it.

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { violations } from "../../bindings/errors/violations.ts";
import { callDecode, decodeCut } from "../support/driver.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, filled, hex } from "../support/octets.ts";
import type { Rules } from "../support/reference.ts";

interface Case {
  readonly name: string;
  readonly frame: string;
  readonly violation: number;
  /** Frames, and any state, that come before. */
  readonly before?: string;
  readonly rules?: Rules;
  /** Octets of the frame that decode counts as consumed; 0 unless its payload was begun. */
  readonly consumed?: number;
  /** Offset of the octet that makes the text invalid, in the frame. */
  readonly octetAt?: number;
}

function fault(violation: number, frame: string, name: string, more: Partial<Case> = {}): Case {
  return { violation, frame, name, ...more };
}

const server: Rules = { role: "server" };
const client: Rules = { role: "client" };
const deflate: Rules = { role: "server", allowedRsv: 4 };
const textOpen = "01 81 00 00 00 00 41"; // text, not FIN, "A"

const cases: readonly Case[] = [
  fault(K.VIOLATION_RESERVED_BIT, "c1 80 00 00 00 00", "RSV1 that nothing negotiated (§5.2)"),
  fault(K.VIOLATION_RESERVED_BIT, "a2 80 00 00 00 00", "RSV2 (§5.2)"),
  fault(K.VIOLATION_RESERVED_BIT, "99 80 00 00 00 00", "RSV3 on a ping (§5.2)"),
  fault(K.VIOLATION_RESERVED_BIT, "a2 80 00 00 00 00", "RSV2 where RSV1 is allowed (§5.2)", { rules: deflate }),
  fault(K.VIOLATION_RSV1_MISPLACED, "c9 80 00 00 00 00", "RSV1 on a ping (RFC 7692 §6.1)", { rules: deflate }),
  fault(K.VIOLATION_RSV1_MISPLACED, "c0 80 00 00 00 00", "RSV1 on a continuation (RFC 7692 §6.1)", {
    before: textOpen,
    rules: deflate,
  }),
  fault(K.VIOLATION_RESERVED_OPCODE, "83 80 00 00 00 00", "opcode 3 (§5.2)"),
  fault(K.VIOLATION_RESERVED_OPCODE, "87 80 00 00 00 00", "opcode 7 (§5.2)"),
  fault(K.VIOLATION_RESERVED_OPCODE, "8b 80 00 00 00 00", "opcode 11 (§5.2)"),
  fault(K.VIOLATION_RESERVED_OPCODE, "8f 80 00 00 00 00", "opcode 15 (§5.2)"),
  fault(K.VIOLATION_MASK_MISSING, "81 05 48 65 6c 6c 6f", "a client's frame that is not masked (§5.1)"),
  fault(K.VIOLATION_MASK_FORBIDDEN, "81 85 37 fa 21 3d 7f 9f 4d 51 58", "a server's frame that is masked (§5.1)", {
    rules: client,
  }),
  fault(K.VIOLATION_CONTROL_FRAGMENTED, "09 80 00 00 00 00", "a ping without FIN (§5.5)"),
  fault(K.VIOLATION_CONTROL_FRAGMENTED, "08 80 00 00 00 00", "a Close without FIN (§5.5)"),
  fault(K.VIOLATION_CONTROL_TOO_LONG, "89 fe 00 7e 00 00 00 00", "a ping of 126 octets (§5.5)"),
  fault(K.VIOLATION_CONTROL_TOO_LONG, "8a ff 00 00 00 00 00 01 00 00", "a pong in the 64-bit form (§5.5)"),
  fault(K.VIOLATION_CONTINUATION_UNEXPECTED, "80 80 00 00 00 00", "a continuation of nothing (§5.4)"),
  fault(K.VIOLATION_CONTINUATION_UNEXPECTED, "00 80 00 00 00 00", "a continuation after a message ended (§5.4)", {
    before: `${textOpen} 80 80 00 00 00 00`,
  }),
  fault(K.VIOLATION_CONTINUATION_EXPECTED, "81 80 00 00 00 00", "text inside a message (§5.4)", { before: textOpen }),
  fault(K.VIOLATION_CONTINUATION_EXPECTED, "02 80 00 00 00 00", "binary inside a message, after a ping (§5.4)", {
    before: `${textOpen} 89 80 00 00 00 00`,
  }),
  fault(K.VIOLATION_LENGTH_NOT_MINIMAL, "82 fe 00 7d 00 00 00 00", "125 octets in the 16-bit form (§5.2)"),
  fault(K.VIOLATION_LENGTH_NOT_MINIMAL, "82 ff 00 00 00 00 00 00 ff ff", "65535 octets in the 64-bit form (§5.2)"),
  fault(K.VIOLATION_LENGTH_TOP_BIT, "82 ff 80 00 00 00 00 00 00 00", "a length of 2^63 (§5.2)"),
  fault(
    K.VIOLATION_LENGTH_TOP_BIT,
    "82 ff 80 00 00 00 00 00 00 05",
    "a length of 2^63 octets and a short form's worth (§5.2)",
  ),
  fault(K.VIOLATION_CLOSE_LENGTH, "88 81 00 00 00 00 03", "a Close of one octet (§5.5.1)"),
  fault(K.VIOLATION_CLOSE_REASON, "88 83 00 00 00 00 03 e8 ff", "a Close whose reason is not UTF-8 (§5.5.1)"),
  fault(
    K.VIOLATION_CLOSE_REASON,
    "88 83 00 00 00 00 03 e8 c3",
    "a Close whose reason ends inside a character (§5.5.1)",
  ),
  fault(
    K.VIOLATION_CLOSE_REASON,
    "88 85 37 fa 21 3d 34 12 cc 9d b7",
    "a masked Close whose reason is not UTF-8 (§5.3)",
  ),
  fault(K.VIOLATION_INVALID_UTF8, "81 83 00 00 00 00 41 ff 42", "text that is not UTF-8 (§8.1)", {
    consumed: 6,
    octetAt: 7,
  }),
  fault(K.VIOLATION_INVALID_UTF8, "81 83 37 fa 21 3d 76 05 63", "masked text that is not UTF-8 (§5.3, §8.1)", {
    consumed: 6,
    octetAt: 7,
  }),
  fault(K.VIOLATION_INVALID_UTF8, "81 82 00 00 00 00 41 c3", "text that ends inside a character (§8.1)", {
    consumed: 6,
    octetAt: 8,
  }),
  fault(
    K.VIOLATION_INVALID_UTF8,
    "80 80 00 00 00 00",
    "a character that an empty last frame leaves unfinished (§8.1)",
    { before: "01 81 00 00 00 00 c3", consumed: 6, octetAt: 6 },
  ),
  fault(K.VIOLATION_INVALID_UTF8, "80 82 00 00 00 00 82 41", "a character that the next fragment breaks (§8.1)", {
    before: "01 81 00 00 00 00 e2",
    consumed: 6,
    octetAt: 7,
  }),
  fault(K.VIOLATION_INVALID_UTF8, "00 81 00 00 00 00 90", "UTF-8 broken after a ping between fragments (§5.4, §8.1)", {
    before: "01 81 00 00 00 00 f4 89 80 00 00 00 00",
    consumed: 6,
    octetAt: 6,
  }),
  fault(K.VIOLATION_FRAME_TOO_LONG, "82 fe 00 7e", "a frame over the limit (§10.4)", {
    rules: { role: "server", maxFrameLength: 125 },
  }),
  fault(K.VIOLATION_MESSAGE_TOO_LONG, "80 84", "a message over the limit (§10.4)", {
    before: "02 82 00 00 00 00 00 00",
    rules: { role: "server", maxMessageLength: 5 },
  }),
];

/** A valid ping, its payload and key chosen so that a wrong place would show. */
const validFrames = concat(hex("89 83 01 02 03 04 10 20 30"), hex("82 85 00 00 00 00 00 fe ff 01 02"));
const validClientFrames = concat(hex("89 03 10 20 30"), hex("82 05 00 fe ff 01 02"));

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode violations", entry);

  test("has a named frame for every violation, and a row at its number", () => {
    const closeCodes = [K.VIOLATION_CLOSE_CODE]; // below
    const named = new Set([...cases.map((one) => one.violation), ...closeCodes]);
    for (let violation = 1; violation <= K.VIOLATION_MESSAGE_TOO_LONG; violation++) {
      assert.ok(named.has(violation), `violation ${violation} has no case`);
      assert.is(violations[violation - 1]?.violation, violation, "the row of bindings/errors/violations.ts");
    }
  });

  for (const { name, frame, violation, before = "", rules = server, consumed = 0, octetAt } of cases) {
    test(`fails ${name}`, () => {
      const valid = rules.role === "server" ? validFrames : validClientFrames;
      for (const preceding of [hex(""), valid]) {
        const at = preceding.length + hex(before).length;
        const result = callDecode(kernel, concat(preceding, hex(before), hex(frame)), rules);
        assert.is(result.violation, violation);
        assert.is(result.frameAt, at, "CONTROL_FRAME_AT");
        assert.is(result.consumed, at + consumed, "CONTROL_CONSUMED");
        assert.is(result.octetAt, octetAt === undefined ? null : at + octetAt, "CONTROL_OCTET_AT");
        if (preceding.length > 0) assert.is(result.records[1]!.payload.length, 5, "frames before it are delivered");
      }
    });

    test(`fails ${name} in the same place at every cut`, () => {
      const stream = concat(hex(before), hex(frame));
      const at = hex(before).length;
      for (let cut = 0; cut <= stream.length; cut++) {
        const { outcome } = decodeCut(kernel, rules, stream, [cut]);
        assert.is(outcome.violation, violation, `cut ${cut}`);
        assert.is(outcome.frameOffset, at, `frame, cut ${cut}`);
        assert.is(outcome.octetOffset, octetAt === undefined ? -1 : at + octetAt, `octet, cut ${cut}`);
      }
    });
  }

  test("places invalid UTF-8 in a frame that an earlier chunk began at -1 (§8.1)", () => {
    const first = callDecode(kernel, hex("81 84 00 00 00 00 41 e2"), server);
    assert.equal([first.violation, first.consumed, first.frameAt], [0, 8, 0]);
    const second = callDecode(kernel, hex("82 41 89 80 00 00 00 00"), server, first.state);
    assert.equal(
      [second.violation, second.frameAt, second.consumed, second.octetAt],
      [K.VIOLATION_INVALID_UTF8, -1, 0, 1],
    );
  });

  test("takes and refuses close codes as §7.4 says", () => {
    const allowed = (code: number): boolean =>
      (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
      (code >= 3000 && code <= 4999);
    for (let code = 0; code < 65536; code++) {
      const { violation } = callDecode(kernel, Uint8Array.of(0x88, 2, code >> 8, code & 255), client);
      if (violation !== (allowed(code) ? 0 : K.VIOLATION_CLOSE_CODE))
        assert.unreachable(`close code ${code} gives ${violation}`);
    }
  });

  test("takes a Close with a reason of 123 octets (§5.5)", () => {
    const close = concat(hex("88 7d 03 e8"), filled(120, 0x2a), hex("e2 82 ac"));
    const { records, violation } = callDecode(kernel, close, client);
    assert.equal([violation, records.length, records[0]!.payload.length], [0, 1, 125]);
  });

  test.run();
}
