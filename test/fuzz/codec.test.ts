// encodeFrame, mask and isValidUtf8 against oracles that share nothing with them: a frame written from §5.2, a loop, Node's
// own UTF-8 check, and the Sender of ws, whose frames are also read by a Connection.

import { isUtf8 } from "node:buffer";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { encodeFrame } from "../../bindings/codec/encode-frame.ts";
import { mask } from "../../bindings/codec/masking.ts";
import { isValidUtf8 } from "../../bindings/codec/utf8.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { frame, keyWord, masked } from "../support/frames.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, utf8 } from "../support/octets.ts";
import { ws } from "../support/ws.ts";
import { subjectOf } from "./all-subjects.ts";
import { cutsAt, nearlyTextArbitrary, octetsArbitrary, textArbitrary } from "./arbitraries.ts";
import { holds } from "./property.ts";
import { describeCase, hexOf, plainCase } from "./stream-case.ts";
import { runConnection } from "./subjects.ts";
import { difference, messageEvent, packed } from "./trace.ts";

interface FrameOptions {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly opcode: number;
  readonly mask: boolean;
  readonly readOnly: boolean;
  readonly maskBuffer?: Buffer;
  readonly generateMask?: (mask: Buffer) => void;
}

/** What @types/ws leaves out. */
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: FrameOptions): Buffer[] } };

const keyArbitrary = fc.uint8Array({ minLength: 4, maxLength: 4 });

const frameArbitrary = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
  fin: fc.boolean(),
  rsv: fc.nat(7),
  key: fc.option(keyArbitrary),
  payload: fc.oneof(octetsArbitrary, textArbitrary),
});

/** "" where both hold the same octets. */
function compareOctets(one: Uint8Array, other: Uint8Array, names: readonly [string, string]): string {
  return packed(one) === packed(other) ? "" : difference([hexOf(one)], [hexOf(other)], names) || "differ at the end";
}

for (const tested of kernels) {
  const test = builtOnKernel("the codec", tested);
  const subject = subjectOf(tested);

  test("encodeFrame writes what §5.2 says, and refuses what §5.5 forbids", () => {
    holds(
      800,
      frameArbitrary,
      ({ opcode, fin, rsv, key, payload }) => {
        const octets = typeof payload === "string" ? utf8(payload) : payload;
        const side = key === null ? {} : { role: "client" as const, maskingKey: keyWord(key) };
        poison(tested.kernel);
        let found: Uint8Array;
        try {
          found = encodeFrame(opcode, payload, { fin, rsv, ...side });
        } catch (error) {
          const mayRefuse = opcode >= 8 && (!fin || octets.length > 125);
          return mayRefuse && (error as { code: string }).code === "WS_ARGUMENT" ? "" : String(error);
        }
        const spec = { opcode, fin, rsv, payload: octets };
        const due = frame(key === null ? spec : { ...spec, maskingKey: key });
        return compareOctets(found, due, ["encodeFrame", "§5.2"]);
      },
      (given) => `  ${fc.stringify(given)}`,
    );
  });

  test("encodeFrame writes what ws's Sender writes with the same key", () => {
    holds(
      400,
      fc.record({ opcode: fc.constantFrom(0, 1, 2), fin: fc.boolean(), key: keyArbitrary, payload: octetsArbitrary }),
      ({ opcode, fin, key, payload }) => {
        const theirs = Sender.frame(Buffer.from(payload), {
          opcode,
          fin,
          rsv1: false,
          mask: true,
          readOnly: true,
          maskBuffer: Buffer.alloc(4),
          generateMask: (buffer) => void buffer.set(key),
        });
        const ours = encodeFrame(opcode, payload, { fin, role: "client", maskingKey: keyWord(key) });
        return compareOctets(ours, concat(...theirs), ["encodeFrame", "ws"]);
      },
      (given) => `  ${fc.stringify(given)}`,
    );
  });

  test("a server reads what a ws client sends, in any split", () => {
    const sent = fc.array(fc.tuple(fc.boolean(), octetsArbitrary, textArbitrary), { maxLength: 5 });
    holds(
      300,
      fc.tuple(sent, fc.option(fc.array(fc.nat(9999), { maxLength: 6 }), { freq: 3 })).map(([messages, fractions]) => {
        const wire = messages.map(([isText, octets, text]) => messageEvent(isText ? text : octets, !isText));
        const frames = messages.flatMap(([isText, octets, text]) =>
          Sender.frame(Buffer.from(isText ? utf8(text) : octets), {
            opcode: isText ? 1 : 2,
            fin: true,
            rsv1: false,
            mask: true,
            readOnly: true,
          }),
        );
        const stream = concat(...frames);
        return { given: { ...plainCase, stream, cuts: cutsAt(fractions, stream.length) }, wire };
      }),
      ({ given, wire }) => difference(runConnection(subject, given).wire, wire, ["read", "sent"]),
      ({ given }) => describeCase(given),
    );
  });

  test("mask does what a loop does, from any phase, and touches nothing around (§5.3)", () => {
    holds(
      800,
      fc.tuple(octetsArbitrary, keyArbitrary, fc.nat(3), fc.nat(5)),
      ([payload, key, phase, headroom]) => {
        const guard = filled(headroom, 0x77);
        const memory = concat(guard, payload, guard);
        poison(tested.kernel);
        const next = mask(memory.subarray(headroom, headroom + payload.length), keyWord(key), phase);
        const turned = concat(key.subarray(phase), key.subarray(0, phase));
        const due = concat(guard, masked(payload, turned), guard);
        if (next !== (phase + payload.length) % 4) return `the phase after it is ${next}`;
        return compareOctets(memory, due, ["mask", "a loop"]);
      },
      ([payload, key, phase]) => `  key ${hexOf(key)}, phase ${phase}: ${hexOf(payload)}`,
    );
  });

  test("isValidUtf8 says what Node says (RFC 3629)", () => {
    const arbitrary = fc.oneof(nearlyTextArbitrary, octetsArbitrary);
    const valid = fc.sample(arbitrary, { seed: 1, numRuns: 1000 }).filter((octets) => isUtf8(octets)).length;
    assert.ok(valid > 100 && valid < 900, `${valid} of 1000 are valid`);
    const problemOf = (octets: Uint8Array): string => {
      poison(tested.kernel);
      const found = isValidUtf8(octets);
      return found === isUtf8(octets) ? "" : `isValidUtf8 says ${found}`;
    };
    holds(2000, arbitrary, problemOf, (octets) => `  ${hexOf(octets)}`);
  });

  test.run();
}
