// Arbitraries for fast-check: frames and conversations, valid and wrong, and the cases made of them. What they make shrinks:
// fewer messages, shorter payloads, fewer cuts.

import * as fc from "fast-check";
import { concat, hex, utf8 } from "../support/octets.ts";
import { type Draft, octetsOf } from "./conversation.ts";
import { type Action, everyOctet, harmlessActions, plainCase, type StreamCase } from "./stream-case.ts";
import { closeEvent, packed } from "./trace.ts";

type Role = "server" | "client";

export const roleArbitrary: fc.Arbitrary<Role> = fc.constantFrom("server", "client");

/** Lengths at which a header's form, a block of SIMD or a buffer changes. */
const cliffArbitrary = fc.constantFrom(15, 16, 17, 63, 64, 65, 125, 126, 127, 300, 1024, 4097, 65535, 65536);

export const octetsArbitrary: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: cliffArbitrary.map((length) => Uint8Array.from({ length }, (_, at) => at * 7)) },
);

export const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 24 }) },
  { weight: 1, arbitrary: cliffArbitrary.map((length) => "ö€".repeat(length / 5).padEnd(length / 2, "x")) },
);

/** Characters on both sides of every edge of Unicode's table 3-7, and what lies just outside it. */
const edgeCharacters = [
  "7f",
  "c2 80",
  "df bf",
  "e0 a0 80",
  "ed 9f bf",
  "ee 80 80",
  "ef bf bf",
  "f0 90 80 80",
  "f4 8f bf bf",
];
const brokenCharacters = [
  ...[
    "80",
    "bf",
    "c0 80",
    "c1 bf",
    "e0 9f bf",
    "ed a0 80",
    "ed bf bf",
    "f0 8f bf bf",
    "f4 90 80 80",
    "f5 80 80 80",
    "ff",
  ],
  ...["c2", "e1", "e1 80", "f1", "f1 80", "f1 80 80", "c2 41", "e1 80 41", "f1 80 80 41"],
];

/** Octets that are UTF-8 more often than not, and else only just are not. RFC 3629 */
export const nearlyTextArbitrary: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(fc.oneof(fc.constantFrom(...edgeCharacters), fc.constantFrom("41", "42 43 44 45 46 47 48 49")), {
      maxLength: 12,
    }),
    fc.option(fc.tuple(fc.nat(12), fc.constantFrom(...brokenCharacters))),
  )
  .map(([characters, broken]) => {
    const [at, octets] = broken ?? [0, ""];
    return hex([...characters.slice(0, at), octets, ...characters.slice(at)].join(" "));
  });

const keyArbitrary = fc.uint8Array({ minLength: 4, maxLength: 4 });

/** One message, or one control frame, of a conversation. */
type Item =
  | { readonly name: "text" | "binary"; readonly payload: Uint8Array; readonly fragments: readonly number[] }
  | { readonly name: "ping" | "pong"; readonly payload: Uint8Array };

const controlArbitrary: fc.Arbitrary<Item> = fc.record({
  name: fc.constantFrom("ping", "pong"),
  payload: fc.uint8Array({ maxLength: 125 }),
});

/** Where a message is cut: as many fractions of what is left as there are fragments but one. */
const fragmentsArbitrary = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 });

const messageArbitrary: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ name: fc.constant("text" as const), payload: textArbitrary.map(utf8), fragments: fragmentsArbitrary }),
  fc.record({ name: fc.constant("binary" as const), payload: octetsArbitrary, fragments: fragmentsArbitrary }),
);

const closeArbitrary = fc.option(
  fc.record({
    code: fc.constantFrom(1000, 1001, 1011, 3000, 4999),
    reason: fc.string({ unit: "binary", maxLength: 30 }),
  }),
);

/** A conversation as it was meant, and the frames that carry it. */
export interface Conversation {
  readonly role: Role;
  readonly drafts: readonly Draft[];
  /** What a receiver must be told: "text 4869", "ping", "close 1000 reason". */
  readonly wire: readonly string[];
}

/** A control frame between two fragments: after which fragment of which message. */
const interleavedArbitrary = fc.array(fc.tuple(fc.nat(12), controlArbitrary), { maxLength: 4 });

/** Puts a conversation together: messages cut into fragments, control frames between those. */
function compose(
  role: Role,
  keys: readonly Uint8Array[],
  items: readonly Item[],
  close: { readonly code: number; readonly reason: string } | null,
  between: readonly (readonly [number, Item])[],
): Conversation {
  const drafts: Draft[] = [];
  const wire: string[] = [];
  let fragmentCount = 0;
  const add = (opcode: number, payload: Uint8Array, fin = true): void => {
    const maskingKey = keys[drafts.length % keys.length]!;
    drafts.push(role === "server" ? { opcode, fin, payload, maskingKey } : { opcode, fin, payload });
  };
  const addControl = (item: Item): void => {
    add(item.name === "ping" ? 9 : 10, item.payload);
    wire.push(`${item.name} ${packed(item.payload)}`);
  };
  for (const item of items) {
    if (!("fragments" in item)) {
      addControl(item);
      continue;
    }
    const { name, payload, fragments } = item;
    let at = 0;
    for (let index = 0; index <= fragments.length; index++) {
      const isLast = index === fragments.length;
      const end = isLast ? payload.length : at + Math.floor(((payload.length - at) * fragments[index]!) / 100);
      add(index > 0 ? 0 : name === "text" ? 1 : 2, payload.subarray(at, end), isLast);
      at = end;
      if (isLast) break;
      for (const [after, control] of between) if (after === fragmentCount) addControl(control);
      fragmentCount++;
    }
    wire.push(`${name} ${packed(payload)}`);
  }
  if (close !== null) {
    const { code, reason } = close;
    add(8, concat(Uint8Array.of(code >> 8, code & 255), utf8(reason)));
    wire.push(closeEvent(code, reason));
  }
  return { role, drafts, wire };
}

/** Valid conversations: whoever reads one must be told exactly `wire`. §5.4, §5.5 */
export const conversationArbitrary: fc.Arbitrary<Conversation> = fc
  .record({
    role: roleArbitrary,
    keys: fc.array(keyArbitrary, { minLength: 1, maxLength: 3 }),
    items: fc.array(fc.oneof({ weight: 4, arbitrary: messageArbitrary }, { weight: 1, arbitrary: controlArbitrary }), {
      maxLength: 6,
    }),
    close: closeArbitrary,
    between: interleavedArbitrary,
  })
  .map(({ role, keys, items, close, between }) => compose(role, keys, items, close, between));

/** Changes one frame so that most of what comes out breaks a rule. */
const wrongBitsArbitrary: fc.Arbitrary<Partial<Draft>> = fc.oneof(
  fc.record({ rsv: fc.integer({ min: 1, max: 7 }) }),
  fc.record({ opcode: fc.integer({ min: 0, max: 15 }) }),
  fc.record({ fin: fc.boolean() }),
  fc.record({ maskingKey: keyArbitrary }),
  fc.record({ lengthForm: fc.constantFrom(16 as const, 64 as const) }),
  fc.record({
    announced: fc.oneof(fc.bigInt({ min: 0n, max: 140n }), fc.bigInt({ min: 2n ** 31n, max: 2n ** 64n - 1n })),
  }),
  fc.record({ payload: fc.uint8Array({ maxLength: 130 }) }),
  fc.record({ payload: nearlyTextArbitrary }),
  fc.record({
    payload: nearlyTextArbitrary.map((reason) => concat(Uint8Array.of(3, 232), reason)),
    opcode: fc.constant(8),
  }),
);

/** The octets of a conversation in which one frame was changed. */
const wrongConversationArbitrary = fc
  .tuple(conversationArbitrary, fc.nat(), wrongBitsArbitrary)
  .map(([{ role, drafts }, at, bits]) => {
    const changed = drafts.map((draft, index) => (index === at % drafts.length ? { ...draft, ...bits } : draft));
    return { role, stream: concat(...changed.map(octetsOf)) };
  });

const validStreamArbitrary = conversationArbitrary.map(({ role, drafts }) => {
  return { role, stream: concat(...drafts.map(octetsOf)) };
});

const arbitraryStreamArbitrary: fc.Arbitrary<{ role: Role; stream: Uint8Array }> = fc.record({
  role: roleArbitrary,
  stream: fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(0x00, 0x01, 0x02, 0x05, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x85, 0x88, 0x89, 0xc1, 0xfe, 0xff),
        {
          maxLength: 60,
        },
      )
      .map((octets) => Uint8Array.from(octets)),
  ),
});

/** A text message in two fragments, of octets that may not be text. §8.1 */
const nearlyTextStreamArbitrary = fc
  .tuple(roleArbitrary, nearlyTextArbitrary, fc.nat(50), keyArbitrary)
  .map(([role, payload, part, key]) => {
    const masked = role === "server" ? { maskingKey: key } : {};
    const cut = part % (payload.length + 1);
    const drafts: Draft[] = [
      { opcode: 1, fin: false, payload: payload.subarray(0, cut), ...masked },
      { opcode: 0, payload: payload.subarray(cut), ...masked },
    ];
    return { role, stream: concat(...drafts.map(octetsOf)) };
  });

/** Octets of any kind for an endpoint in `role`. */
export const streamArbitrary: fc.Arbitrary<{ role: Role; stream: Uint8Array }> = fc.oneof(
  arbitraryStreamArbitrary,
  wrongConversationArbitrary,
  validStreamArbitrary,
  nearlyTextStreamArbitrary,
);

/** Cuts of anything: fractions of its length, or after every octet. */
const cutFractionsArbitrary = fc.option(fc.array(fc.nat(9999), { maxLength: 8 }), { freq: 3 });

export function cutsAt(fractions: readonly number[] | null, length: number): number[] {
  if (fractions === null && length <= 5000) return everyOctet(length);
  return (fractions ?? []).map((part) => Math.floor((part * length) / 9999)).sort((one, other) => one - other);
}

/** Everything of a case but its stream. */
const settingsArbitrary = fc.record({
  fractions: cutFractionsArbitrary,
  maxMessageLength: fc.constantFrom(Number.POSITIVE_INFINITY, 2 ** 40, 1000, 126, 20),
  maxPayloadLength: fc.constantFrom(Number.POSITIVE_INFINITY, 1000, 125),
  allowedRsv: fc.constantFrom(0 as const, 4 as const),
  text: fc.constantFrom("string" as const, "bytes" as const),
  exact: fc.boolean(),
  mayOverwrite: fc.boolean(),
  actions: fc.array(fc.constantFrom<Action>(...harmlessActions), { minLength: 1, maxLength: 4 }),
});

/** Cases whose handlers do nothing that changes what is told. */
export function caseArbitrary(streams: fc.Arbitrary<{ role: Role; stream: Uint8Array }>): fc.Arbitrary<StreamCase> {
  return fc.tuple(streams, settingsArbitrary).map(([{ role, stream }, { fractions, ...settings }]) => {
    return { ...plainCase, ...settings, role, stream, cuts: cutsAt(fractions, stream.length) };
  });
}

/** A valid conversation, cut, without limits: with what must come of it. */
export const conversationCaseArbitrary: fc.Arbitrary<{ given: StreamCase; wire: readonly string[] }> = fc
  .tuple(conversationArbitrary, settingsArbitrary)
  .map(([{ role, drafts, wire }, { fractions, text, exact, mayOverwrite, actions }]) => {
    const stream = concat(...drafts.map(octetsOf));
    const cuts = cutsAt(fractions, stream.length);
    return { given: { ...plainCase, text, exact, mayOverwrite, actions, role, stream, cuts }, wire };
  });

/** What may befall octets on the way. */
const damageArbitrary: fc.Arbitrary<(octets: Uint8Array) => Uint8Array> = fc
  .tuple(fc.constantFrom("flip", "delete", "duplicate", "swap", "truncate"), fc.nat(), fc.nat(7))
  .map(([name, place, bit]) => (octets) => {
    const at = octets.length === 0 ? 0 : place % octets.length;
    const [before, behind] = [octets.subarray(0, at), octets.subarray(at + 1)];
    if (name === "delete") return concat(before, behind);
    if (name === "duplicate") return concat(octets.subarray(0, at + 1), octets.subarray(at));
    if (name === "truncate") return octets.slice(0, at);
    const copy = octets.slice();
    if (octets.length > 0) copy[at]! ^= name === "flip" ? 1 << bit : 0;
    if (name === "swap" && behind.length > 0) [copy[at], copy[at + 1]] = [copy[at + 1]!, copy[at]!];
    return copy;
  });

/** The octets of a valid conversation with one thing gone wrong on the way. */
export const damagedStreamArbitrary: fc.Arbitrary<{ role: Role; stream: Uint8Array }> = fc
  .tuple(validStreamArbitrary, damageArbitrary)
  .map(([{ role, stream }, damage]) => ({ role, stream: damage(stream) }));
