// The frames that attackers send, and what must come of each. An input ends where its verdict must have been given: where that
// is a header's last octet, no payload follows. Tests put more behind it, and cut it as they like.
//
// Every input is for endpoints whose maxMessageLength is CORPUS_LIMIT and whose other options are the defaults.

import { concat, filled, hex, utf8 } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { closes } from "./corpus-closes.ts";

/** The `maxMessageLength` of endpoints that meet the corpus. */
export const CORPUS_LIMIT = 4096;

export type Role = "server" | "client";

/** What must come of an input: which error the endpoint fails with, or the closing handshake, or that the connection goes on. */
export type Verdict = "clean" | "open" | `WS_${string}`;

/** One input, as it is written down. */
export interface Row {
  readonly row: string;
  readonly name: string;
  /** Whole frames, or what there is of them; the last is the offending one. */
  readonly frames: (peer: Peer) => readonly Uint8Array[];
  /** What handlers hear up to the verdict, `error` and `close` left out: "text 48 69", "ping " without payload. */
  readonly events: readonly string[];
  readonly verdict: Verdict;
  /** The code of the Close that we send: null where the connection goes on, 1005 for a Close without one. */
  readonly closeCode: number | null;
  /** "clean" only: what `close` is told besides. */
  readonly closeReason?: string;
  /** Roles that it is for; both unless said. */
  readonly roles?: readonly Role[];
}

/** One input for an endpoint in one role. */
export interface HostileFrames extends Omit<Row, "frames" | "roles"> {
  /** Of the endpoint that receives it. */
  readonly role: Role;
  readonly frames: readonly Uint8Array[];
  /** All of them. */
  readonly octets: Uint8Array;
}

type Frames = Row["frames"];

/** A row's inputs that must fail the connection. */
function failing(
  row: string,
  verdict: `WS_${string}`,
  closeCode: 1002 | 1007 | 1009,
  names: Record<string, Frames>,
): Row[] {
  return Object.entries(names).map(([name, frames]) => ({ row, name, frames, events: [], verdict, closeCode }));
}

/** The header alone of a frame that would have `length` octets of payload. */
function header(
  peer: Peer,
  opcode: number,
  length: bigint,
  bits: { fin?: boolean; lengthForm?: 16 | 64 } = {},
): Uint8Array {
  return peer.frame(opcode, "", { ...bits, announced: length });
}

const LIMIT = BigInt(CORPUS_LIMIT);
const begun = "text 62 65 67 75 6e"; // "begun", told before the offending frame
const withBefore = (rows: readonly Row[]): Row[] =>
  rows.map((row) => ({
    ...row,
    frames: (peer) => [peer.text("begun"), ...row.frames(peer)],
    events: [begun, ...row.events],
  }));

const lengths: readonly Row[] = [
  ...failing("reserved lengths", "WS_LENGTH_TOP_BIT", 1002, {
    "2^63 octets": (peer) => [header(peer, 2, 2n ** 63n)],
    "2^64 - 1 octets": (peer) => [header(peer, 1, 2n ** 64n - 1n)],
    "2^63 octets in a continuation": (peer) => [peer.text("a", false), header(peer, 0, 2n ** 63n)],
  }),
  ...failing("declared lengths", "WS_MESSAGE_TOO_LONG", 1009, {
    "2^63 - 1 octets": (peer) => [header(peer, 2, 2n ** 63n - 1n)],
    "2^53 + 1 octets, which no double holds": (peer) => [header(peer, 2, 2n ** 53n + 1n)],
    "2^53 octets": (peer) => [header(peer, 1, 2n ** 53n)],
    "2^32 octets, which is 0 in 32 bits": (peer) => [header(peer, 2, 2n ** 32n)],
    "2^32 + 5 octets, which is 5 in 32 bits": (peer) => [header(peer, 1, 2n ** 32n + 5n)],
    "2^31 octets, which is negative in 32 bits": (peer) => [header(peer, 2, 2n ** 31n)],
    "the limit and one": (peer) => [header(peer, 2, LIMIT + 1n)],
    "the limit and one, of text": (peer) => [header(peer, 1, LIMIT + 1n)],
    "the limit and one, in a first fragment": (peer) => [header(peer, 2, LIMIT + 1n, { fin: false })],
    "the limit, and one in a continuation": (peer) => [
      peer.binary(filled(CORPUS_LIMIT, 1), false),
      header(peer, 0, 1n),
    ],
    "one, and 2^63 - 1 in a continuation": (peer) => [peer.binary("a", false), header(peer, 0, 2n ** 63n - 1n)],
    "one, and 2^32 - 1 in a continuation": (peer) => [peer.binary("a", false), header(peer, 0, 2n ** 32n - 1n)],
  }),
  ...[1n, LIMIT - 1n, LIMIT].map(
    (length): Row => ({
      row: "declared, never sent",
      name: `a declared length of ${length} and no payload`,
      frames: (peer) => [header(peer, 2, length)],
      events: [],
      verdict: "open",
      closeCode: null,
    }),
  ),
  ...failing("lengths not minimal", "WS_LENGTH_NOT_MINIMAL", 1002, {
    "no octet in 16 bits": (peer) => [header(peer, 1, 0n, { lengthForm: 16 })],
    "an octet in 16 bits": (peer) => [header(peer, 2, 1n, { lengthForm: 16 })],
    "125 octets in 16 bits": (peer) => [header(peer, 2, 125n, { lengthForm: 16 })],
    "no octet in 64 bits": (peer) => [header(peer, 2, 0n, { lengthForm: 64 })],
    "125 octets in 64 bits": (peer) => [header(peer, 1, 125n, { lengthForm: 64 })],
    "126 octets in 64 bits": (peer) => [header(peer, 2, 126n, { lengthForm: 64 })],
    "65535 octets in 64 bits": (peer) => [header(peer, 2, 65535n, { lengthForm: 64 })],
    "an octet in 16 bits, in a continuation": (peer) => [
      peer.text("a", false),
      header(peer, 0, 1n, { lengthForm: 16 }),
    ],
  }),
];

const unmasked: readonly Row[] = failing("masks", "WS_MASK_MISSING", 1002, {
  "an unmasked client's text": () => [hex("81 05")], // text, FIN, 5 octets to come
  "an unmasked client's fragment": () => [hex("02 7e 01 00")], // binary, no FIN, 256 octets to come
  "an unmasked client's continuation": (peer) => [peer.text("a", false), hex("80 01")],
  "an unmasked client's ping": () => [hex("89 00")], // ping, no payload
  "an unmasked client's Close": () => [hex("88 02")], // Close, a code to come
}).map((row) => ({ ...row, roles: ["server"] as const }));

const masked: readonly Row[] = failing("masks", "WS_MASK_FORBIDDEN", 1002, {
  "a masked server's text": () => [hex("81 85 37 fa 21 3d")], // text, FIN, masked, 5 octets to come §5.7
  "a masked server's text with a key of zeros": () => [hex("81 81 00 00 00 00")],
  "a masked server's continuation": (peer) => [peer.text("a", false), hex("80 81 00 00 00 00")],
  "a masked server's ping": () => [hex("89 80 00 00 00 00")], // ping, no payload
  "a masked server's Close": () => [hex("88 82 00 00 00 00")], // Close, a code to come
}).map((row) => ({ ...row, roles: ["client"] as const }));

const reserved: readonly Row[] = [
  ...[4, 2, 1, 7].flatMap((rsv) =>
    failing("reserved bits", "WS_RESERVED_BIT", 1002, {
      [`RSV ${rsv} of 7 on text`]: (peer) => [peer.frame(1, "", { rsv, announced: 5n })],
      [`RSV ${rsv} of 7 on a fragment`]: (peer) => [peer.frame(2, "", { rsv, fin: false })],
      [`RSV ${rsv} of 7 on a continuation`]: (peer) => [peer.text("a", false), peer.frame(0, "", { rsv })],
      [`RSV ${rsv} of 7 on a ping`]: (peer) => [peer.frame(9, "", { rsv })],
      [`RSV ${rsv} of 7 on a Close`]: (peer) => [peer.frame(8, "", { rsv })],
    }),
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) =>
    failing("reserved opcodes", "WS_RESERVED_OPCODE", 1002, {
      [`opcode ${opcode}`]: (peer) => [peer.frame(opcode, "", { announced: 5n })],
      [`opcode ${opcode} inside a message`]: (peer) => [peer.text("a", false), peer.frame(opcode)],
    }),
  ),
];

const controls: readonly Row[] = [["Close", 8] as const, ["ping", 9] as const, ["pong", 10] as const].flatMap(
  ([name, opcode]) => [
    ...failing("control frames", "WS_CONTROL_FRAGMENTED", 1002, {
      [`a ${name} without FIN`]: (peer) => [header(peer, opcode, 5n, { fin: false })],
      [`a ${name} without FIN inside a message`]: (peer) => [
        peer.text("a", false),
        header(peer, opcode, 0n, { fin: false }),
      ],
    }),
    ...failing("control frames", "WS_CONTROL_TOO_LONG", 1002, {
      [`a ${name} of 126 octets`]: (peer) => [header(peer, opcode, 126n)],
      [`a ${name} of 65536 octets`]: (peer) => [header(peer, opcode, 65536n)],
      [`a ${name} of 2^63 octets`]: (peer) => [header(peer, opcode, 2n ** 63n)],
      [`a ${name} of 5 octets in 16 bits`]: (peer) => [header(peer, opcode, 5n, { lengthForm: 16 })],
    }),
  ],
);

const order: readonly Row[] = [
  ...failing("continuations", "WS_CONTINUATION_UNEXPECTED", 1002, {
    "a continuation of nothing": (peer) => [header(peer, 0, 5n)],
    "a continuation of nothing, without FIN": (peer) => [header(peer, 0, 0n, { fin: false })],
    "a continuation behind a ping": (peer) => [peer.pong(), header(peer, 0, 1n)],
  }),
  ...failing("continuations", "WS_CONTINUATION_EXPECTED", 1002, {
    "text inside text": (peer) => [peer.text("a", false), header(peer, 1, 5n)],
    "binary inside text": (peer) => [peer.text("a", false), header(peer, 2, 0n)],
    "text inside binary, both fragments": (peer) => [peer.binary("a", false), header(peer, 1, 5n, { fin: false })],
    "text inside a message that has no octet yet": (peer) => [peer.binary("", false), header(peer, 1, 0n)],
    "text inside a message of three fragments": (peer) => [
      peer.binary("a", false),
      peer.more("b", false),
      peer.more("", false),
      header(peer, 1, 1n),
    ],
  }),
].map((row) => (row.name === "a continuation behind a ping" ? { ...row, events: ["pong "] } : row));

const fragmented: readonly Row[] = [
  {
    row: "continuations",
    name: "a continuation of a message that has ended",
    frames: (peer) => [peer.text("a", false), peer.more("b"), header(peer, 0, 1n)],
    events: ["text 61 62"],
    verdict: "WS_CONTINUATION_UNEXPECTED",
    closeCode: 1002,
  },
  {
    row: "fragments without number",
    name: "1000 fragments of one octet",
    frames: (peer) => [
      peer.binary("a", false),
      ...Array.from({ length: 998 }, () => peer.more("a", false)),
      peer.more("a"),
    ],
    events: [`binary${" 61".repeat(1000)}`],
    verdict: "open",
    closeCode: null,
  },
  {
    row: "fragments without number",
    name: "1000 empty fragments",
    frames: (peer) => [peer.text("", false), ...Array.from({ length: 998 }, () => peer.more("", false)), peer.more("")],
    events: ["text "],
    verdict: "open",
    closeCode: null,
  },
  {
    row: "fragments without number",
    name: "text of one octet a fragment, characters cut",
    frames: (peer) => {
      const octets = utf8("é日😀");
      const fragments = Array.from(octets, (_, at) => peer.more(octets.subarray(at, at + 1), false));
      return [peer.text("", false), ...fragments, peer.more("")];
    },
    events: ["text c3 a9 e6 97 a5 f0 9f 98 80"],
    verdict: "open",
    closeCode: null,
  },
  {
    row: "counters",
    name: "ten messages at the limit, in fragments",
    frames: (peer) =>
      Array.from({ length: 10 }, () => [
        peer.binary(filled(CORPUS_LIMIT - 1, 0), false),
        peer.more("", false),
        peer.more(filled(1, 0)),
      ]).flat(),
    events: Array.from({ length: 10 }, () => `binary${" 00".repeat(CORPUS_LIMIT)}`),
    verdict: "open",
    closeCode: null,
  },
  {
    row: "floods of control frames",
    name: "300 pings and pongs between two fragments",
    frames: (peer) => [
      peer.text("a", false),
      ...Array.from({ length: 300 }, () => [peer.ping("i"), peer.pong("o")]).flat(),
      peer.more("b"),
    ],
    events: [...Array.from({ length: 300 }, () => ["ping 69", "pong 6f"]).flat(), "text 61 62"],
    verdict: "open",
    closeCode: null,
  },
  {
    row: "floods of control frames",
    name: "300 pings of 125 octets",
    frames: (peer) => Array.from({ length: 300 }, () => peer.ping(filled(125, 1))),
    events: Array.from({ length: 300 }, () => `ping${" 01".repeat(125)}`),
    verdict: "open",
    closeCode: null,
  },
];

const rows: readonly Row[] = [
  ...withBefore([...lengths, ...unmasked, ...masked, ...reserved, ...controls, ...order]),
  ...fragmented,
  ...closes,
];

/** The whole corpus, for each role it is for. */
export const hostileFrames: readonly HostileFrames[] = rows.flatMap(
  ({ roles = ["server", "client"], frames, ...row }) =>
    roles.map((role) => {
      const made = frames(new Peer(role));
      return { ...row, role, frames: made, octets: concat(...made) };
    }),
);
