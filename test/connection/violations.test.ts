// What a connection does with a peer that breaks a rule, for every rule: the error and its place, the messages before it,
// the Close that is sent, and the order of what handlers hear. RFC 6455 §7.1.7.

import * as assert from "uvu/assert";
import { InvalidPayloadError, LimitError, type PeerError, ProtocolError } from "../../bindings/errors/classes.ts";
import { violations } from "../../bindings/errors/violations.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, utf8 } from "../support/octets.ts";
import { cutAt, octetByOctet, Peer } from "../support/peer.ts";
import { closeEvent, endpoint, settled } from "./support.ts";

interface Fault {
  readonly code: string;
  readonly name: string;
  /** Frames before the offending one that are right, and what they tell. */
  readonly before: (peer: Peer) => Uint8Array;
  readonly events: readonly string[];
  readonly frame: (peer: Peer) => Uint8Array;
  /** Octets from the frame's first to the one that makes text invalid; the payload begins at 6 in a server, 2 in a client. */
  readonly octetAt?: number;
  readonly role?: "server" | "client";
  readonly payloadLength?: number | undefined;
}

const message = (peer: Peer): Uint8Array => concat(peer.text("one"), peer.ping("two"));
const heard = ["text 6f 6e 65", "ping 74 77 6f"];
const opened = (peer: Peer): Uint8Array => concat(message(peer), peer.text("κ", false));

function fault(code: string, name: string, frame: Fault["frame"], more: Partial<Fault> = {}): Fault {
  return { code, name, frame, before: message, events: heard, ...more };
}

const noLength = { payloadLength: undefined };

const faults: readonly Fault[] = [
  fault("WS_RESERVED_BIT", "RSV1 that nothing agreed", (peer) => peer.frame(1, "x", { rsv: 4 }), { payloadLength: 1 }),
  fault("WS_RESERVED_BIT", "RSV3 on a long frame", (peer) => peer.frame(2, filled(200, 1), { rsv: 1 }), noLength),
  fault("WS_RESERVED_OPCODE", "opcode 3", (peer) => peer.frame(3)),
  fault("WS_RESERVED_OPCODE", "opcode 15", (peer) => peer.frame(15, "abc"), { payloadLength: 3 }),
  fault("WS_MASK_MISSING", "a client's frame without a mask", () => hex("81 01 61"), {
    role: "server",
    payloadLength: 1,
  }),
  fault("WS_MASK_FORBIDDEN", "a server's frame with a mask", () => hex("81 81 00 00 00 00 61"), {
    role: "client",
    payloadLength: 1,
  }),
  fault("WS_CONTROL_FRAGMENTED", "a ping without FIN", (peer) => peer.frame(9, "", { fin: false })),
  fault("WS_CONTROL_TOO_LONG", "a pong of 126 octets", (peer) => peer.frame(10, filled(126, 1)), noLength),
  fault("WS_CONTINUATION_UNEXPECTED", "a continuation of nothing", (peer) => peer.more("x"), { payloadLength: 1 }),
  fault("WS_CONTINUATION_EXPECTED", "text inside a message", (peer) => peer.text("x"), {
    before: opened,
    payloadLength: 1,
  }),
  fault("WS_LENGTH_NOT_MINIMAL", "5 octets in 16 bits", (peer) => peer.frame(2, "12345", { lengthForm: 16 }), {
    payloadLength: 5,
  }),
  fault(
    "WS_LENGTH_NOT_MINIMAL",
    "65535 octets in 64 bits",
    (peer) => peer.frame(2, "", { lengthForm: 64, announced: 65535n }),
    {
      payloadLength: 65535,
    },
  ),
  fault("WS_LENGTH_TOP_BIT", "2^63 octets", (peer) => peer.frame(2, "", { announced: 2n ** 63n }), {
    payloadLength: 2 ** 63,
  }),
  fault("WS_CLOSE_LENGTH", "a Close of one octet", (peer) => peer.frame(8, "x"), { payloadLength: 1 }),
  fault("WS_CLOSE_CODE", "Close code 1005", (peer) => peer.close(1005, "x"), { payloadLength: 3 }),
  fault("WS_CLOSE_REASON", "a Close reason that is cut short", (peer) => peer.frame(8, hex("03 e8 c3")), {
    payloadLength: 3,
  }),
  fault("WS_INVALID_UTF8", "ff in text", (peer) => peer.text(concat(utf8("abc"), hex("ff 61"))), {
    octetAt: 3,
    payloadLength: 5,
  }),
  fault("WS_INVALID_UTF8", "a surrogate in a continuation", (peer) => peer.more(hex("61 ed a0 80"), false), {
    before: opened,
    octetAt: 2,
    payloadLength: 4,
  }),
  fault("WS_INVALID_UTF8", "a character that a fragment's end cuts for good", (peer) => peer.more(""), {
    before: (peer) => concat(message(peer), peer.text(hex("f0 9f"), false)),
    octetAt: 0,
  }),
  fault("WS_INVALID_UTF8", "an octet that cannot follow the last fragment's", (peer) => peer.more("x", false), {
    before: (peer) => concat(message(peer), peer.text(hex("e0"), false)),
    octetAt: 0,
    payloadLength: 1,
  }),
  fault("WS_MESSAGE_TOO_LONG", "a message over the limit", (peer) => peer.frame(2, "", { announced: 1001n }), {
    payloadLength: 1001,
  }),
  fault("WS_MESSAGE_TOO_LONG", "2^32 octets", (peer) => peer.frame(1, "", { announced: 2n ** 32n }), {
    payloadLength: 2 ** 32,
  }),
  fault("WS_MESSAGE_TOO_LONG", "2^53 + 2 octets", (peer) => peer.frame(1, "", { announced: 2n ** 53n + 2n }), {
    payloadLength: 2 ** 53 + 2,
  }),
  fault("WS_MESSAGE_TOO_LONG", "fragments over the limit together", (peer) => peer.more(filled(600, 0x61)), {
    before: (peer) => concat(message(peer), peer.binary(filled(401, 1), false)),
    payloadLength: 600,
  }),
];

const classes = { 1002: ProtocolError, 1007: InvalidPayloadError, 1009: LimitError };

for (const tested of kernels) {
  const test = builtOnKernel("violations", tested);

  for (const fault of faults) {
    const row = violations.find(({ code }) => code === fault.code)!;
    for (const role of fault.role === undefined ? (["server", "client"] as const) : [fault.role]) {
      const peer = new Peer(role);
      const before = fault.before(peer);
      const frame = fault.frame(peer);
      const stream = concat(before, frame, peer.text("never"), peer.close(1000));

      /** Feeds the chunks; everything that is heard and sent must be as the RFC has it. */
      const check = (chunks: readonly Uint8Array[], what: string): void => {
        const { connection, events, errors, sent, transport } = endpoint({ role, maxMessageLength: 1000 });
        for (const chunk of chunks) {
          connection.receive(chunk);
          poison(tested.kernel);
        }
        const error = errors[0] as PeerError;
        assert.equal(events, [...fault.events, `error ${fault.code}`], what);
        assert.instance(error, classes[row.closeCode], what);
        assert.is(error.closeCode, row.closeCode);
        assert.is(error.section, row.section);
        assert.ok(error.message.startsWith(row.text), error.message);
        assert.is(error.byteOffset, before.length, `${what}: byteOffset`);
        const payloadAt = before.length + (role === "server" ? 6 : 2);
        const octetOffset = fault.octetAt === undefined ? undefined : payloadAt + fault.octetAt;
        assert.is(error.octetOffset, octetOffset, `${what}: octetOffset`);
        const bit = (mask: number): boolean => (frame[0]! & mask) !== 0;
        assert.equal(
          error.frame,
          {
            fin: bit(0x80),
            rsv1: bit(0x40),
            rsv2: bit(0x20),
            rsv3: bit(0x10),
            opcode: frame[0]! & 15,
            masked: (frame[1]! & 0x80) !== 0,
            payloadLength: "payloadLength" in fault ? fault.payloadLength : 0,
          },
          `${what}: the frame's header`,
        );
        assert.equal(sent(), ["pong 74 77 6f", closeEvent(row.closeCode)], `${what}: what is sent`);
        assert.equal(transport.calls, ["end"], "half-closed, so that the peer can read why");
        assert.is(connection.readyState, 2);
        connection.receiveEnd();
        assert.equal(events, [...fault.events, `error ${fault.code}`, "close 1006"], "close once, after error");
        assert.equal(transport.calls, ["end", "destroy"]);
        connection.transportClosed();
        assert.is(events.length, fault.events.length + 2);
      };

      test(`${fault.code}: ${fault.name} (${row.section}), to a ${role}, for every split`, () => {
        check([stream], "whole");
        check(octetByOctet(stream), "octet by octet");
        check(octetByOctet(stream.subarray(0, before.length + frame.length)), "and nothing behind it");
        const last = Math.min(before.length + frame.length, before.length + 20);
        for (let cut = 0; cut <= last; cut++) check(cutAt(stream, cut), `cut at ${cut}`);
      });
    }
  }

  test("a limit says what it is and what was found (§10.4)", () => {
    const { errors, receive, peer } = endpoint({ maxMessageLength: 1000 });
    receive(peer.binary(filled(999, 1), false), peer.frame(0, "", { announced: 3n }));
    const { limit, actual, closeCode } = errors[0] as LimitError;
    assert.equal([limit, actual, closeCode], [1000, 1002, 1009]);
  });

  test("counts octets anew for each message, and control frames not at all", () => {
    const { events, receive, peer } = endpoint({ maxMessageLength: 1000 });
    for (let round = 0; round < 5; round++) {
      receive(
        peer.binary(filled(999, 1), false),
        peer.ping(filled(125, 1)),
        peer.more("x"),
        peer.text("y".repeat(1000)),
      );
    }
    assert.is(events.filter((event) => event.startsWith("error")).length, 0);
    assert.is(events.length, 15);
  });

  test("with no handlers at all a wrong frame crashes nothing", async () => {
    const { Connection } = await import("../../bindings/connection/connection.ts");
    const written: Uint8Array[] = [];
    const connection = new Connection({ role: "server", write: (octets) => written.push(Uint8Array.from(octets)) });
    const peer = new Peer("server");
    connection.receive(concat(peer.text("one"), peer.ping("two"), peer.frame(3)));
    await settled();
    assert.equal(peer.read(concat(...written)).events, ["pong 74 77 6f", closeEvent(1002)]);
    connection.receiveEnd();
    assert.is(connection.readyState, 3);
  });

  test.run();
}
