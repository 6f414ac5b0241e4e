// Random conversations, whole and cut, valid and damaged: every kernel gives what the reference decoder gives for the whole
// stream, and all kernels agree on every word of every call. The seeds are fixed; a failure names its own.

import * as assert from "uvu/assert";
import * as K from "../../assembly/constants.ts";
import { type CallResult, callDecode, decodeCut, type State } from "../support/driver.ts";
import { frame } from "../support/frames.ts";
import { kernelSuite, kernels } from "../support/kernels.ts";
import { concat, Random, toHex, utf8 } from "../support/octets.ts";
import { type Rules, referenceDecode } from "../support/reference.ts";

const CONVERSATION_COUNT = 1200;

interface Conversation {
  readonly seed: number;
  readonly rules: Rules;
  readonly stream: Uint8Array;
  readonly cuts: readonly number[];
}

const alphabet = ["a", "Z", "0", " ", "é", "߿", "ࠀ", "€", "퟿", "\ue000", "\uffff", "𐀀", "🎉", "\u{10ffff}"];

function payloadOf(random: Random, isText: boolean): Uint8Array {
  const length = random.pick([0, 1, 2, 5, 17, 40, 125, 126, 130]);
  if (!isText) return random.octets(length);
  const letters = random.below(2) ? alphabet.slice(0, 4) : alphabet;
  return utf8(Array.from({ length: length >> 1 }, () => random.pick(letters)).join(""));
}

function makeConversation(seed: number): Conversation {
  const random = new Random(seed);
  const role = random.pick(["server", "client"] as const);
  const allowedRsv = random.pick([0, 4, 4, 7]);
  const limits = random.below(4)
    ? {}
    : { maxFrameLength: random.pick([60, 125, 126]), maxMessageLength: random.pick([100, 250]) };
  const rules: Rules = { role, allowedRsv, skipUtf8: random.below(8) === 0, ...limits };
  const frames: Uint8Array[] = [];
  const add = (opcode: number, fin: boolean, rsv: number, payload: Uint8Array): void => {
    frames.push(frame({ opcode, fin, rsv, payload, ...(role === "server" ? { maskingKey: random.octets(4) } : {}) }));
  };
  for (let count = 1 + random.below(6); count > 0; count--) {
    const isText = random.below(3) > 0;
    const payload = payloadOf(random, isText);
    const fragmentCount = random.pick([1, 1, 2, 3, 5]);
    const rsv = allowedRsv & random.pick([0, 4]);
    for (let index = 0, at = 0; index < fragmentCount; index++) {
      const isLast = index === fragmentCount - 1;
      const next = isLast ? payload.length : at + random.below(payload.length - at + 1);
      add(index ? 0 : isText ? 1 : 2, isLast, index ? 0 : rsv, payload.subarray(at, next));
      at = next;
      if (random.below(4) === 0) add(random.pick([9, 10]), true, 0, random.octets(random.pick([0, 3, 125])));
    }
  }
  if (random.below(3) === 0)
    add(8, true, 0, random.pick([new Uint8Array(0), concat(Uint8Array.of(3, 232), utf8("adiós"))]));

  const stream = concat(...frames);
  for (let damage = random.pick([0, 0, 1, 1, 4]); damage > 0; damage--) {
    const inHeader = concat(...frames.slice(0, random.below(frames.length))).length + random.below(2);
    stream[random.below(2) ? inHeader : random.below(stream.length)]! ^= 1 << random.below(8);
  }
  const end = random.below(3) ? stream.length : random.below(stream.length + 1);
  const cuts = Array.from({ length: random.below(6) }, () => random.below(end + 1)).sort((a, b) => a - b);
  return { seed, rules, stream: stream.subarray(0, end), cuts };
}

function describe({ seed, rules, stream, cuts }: Conversation): string {
  return `seed ${seed}, ${JSON.stringify(rules)}, cut at [${cuts}]: ${toHex(stream)}`;
}

const conversations = Array.from({ length: CONVERSATION_COUNT }, (_, index) => makeConversation(1000 + index));
const outcomes = conversations.map(({ stream, rules }) => referenceDecode(stream, rules));

for (const entry of kernels) {
  const { kernel } = entry;
  const test = kernelSuite("decode random", entry);

  test("the conversations are worth the name: many pass, many fail, in many ways", () => {
    const violations = new Set(outcomes.map((outcome) => outcome.violation));
    assert.ok(violations.size >= 13, `only ${[...violations].sort((a, b) => a - b)}`);
    const passed = outcomes.filter((outcome) => outcome.violation === 0).length;
    assert.ok(
      passed > CONVERSATION_COUNT / 4 && passed < (CONVERSATION_COUNT * 3) / 4,
      `${passed} of ${CONVERSATION_COUNT} pass`,
    );
  });

  test("gives what the reference decoder gives, whole and cut", () => {
    conversations.forEach((one, index) => {
      const expected = { ...outcomes[index]!, settledAt: 0 };
      for (const cuts of [[], one.cuts]) {
        const found = { ...decodeCut(kernel, one.rules, one.stream, cuts).outcome, settledAt: 0 };
        if (JSON.stringify(found) !== JSON.stringify(expected))
          assert.equal(found, expected, describe({ ...one, cuts }));
      }
    });
  });

  test("gives what the reference decoder gives octet by octet, and sees a fault no later than it can be seen", () => {
    for (let index = 0; index < conversations.length; index += 8) {
      const one = conversations[index]!;
      const cuts = Array.from({ length: one.stream.length }, (_, cut) => cut);
      assert.equal(
        decodeCut(kernel, one.rules, one.stream, cuts).outcome,
        outcomes[index]!,
        describe({ ...one, cuts: [] }),
      );
    }
  });

  test("says the same as the first kernel in every word of every call, over any octets", () => {
    const reference = kernels[0]!.kernel;
    const random = new Random(9);
    let state: State | null = null;
    for (let turn = 0; turn < 4000; turn++) {
      const { rules, stream } = conversations[random.below(conversations.length)]!;
      const from = random.below(4) ? 0 : random.below(stream.length + 1);
      const octets = random.below(8) ? stream.subarray(from) : random.octets(random.below(40));
      const where = (): string => `turn ${turn}, ${JSON.stringify(rules)}, ${JSON.stringify(state)}: ${toHex(octets)}`;
      const flat = (result: CallResult): string =>
        JSON.stringify({
          ...result,
          records: result.records.map((record) => [record.bits, record.offset, toHex(record.payload)]),
        });
      const found = callDecode(kernel, octets, rules, state);
      const expected = callDecode(reference, octets, rules, state);
      if (flat(found) !== flat(expected)) assert.is(flat(found), flat(expected), where());
      const hugeLength = found.state?.floats.some((float) => float > Number.MAX_SAFE_INTEGER);
      state = random.below(4) && !hugeLength ? found.state : null; // past 2^53 counts are rounded
    }
  });

  test("consumes nothing but whole frames and pieces, over any octets", () => {
    const random = new Random(10);
    for (let turn = 0; turn < 2000; turn++) {
      const octets = random.octets(random.below(60));
      const { records, consumed, violation, state } = callDecode(kernel, octets, {
        role: random.pick(["server", "client"] as const),
        allowedRsv: 7,
      });
      const end = records.reduce((latest, { offset, payload }) => Math.max(latest, offset + payload.length), 0);
      assert.ok(consumed >= end && consumed <= octets.length, toHex(octets));
      if (violation === 0 && state === null) assert.ok(consumed === end, toHex(octets));
      assert.ok(violation >= 0 && violation <= K.VIOLATION_MESSAGE_TOO_LONG, toHex(octets));
    }
  });

  test.run();
}
