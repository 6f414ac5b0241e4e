// The guards against hostile frames, each removed in one place. The first of the two kernels alone is broken where both have a
// guard: a test counts as failed if it failed on either.

import type { Guard } from "./guard.ts";

/** A guard: what it is, the file it is in, the test files to run without it, and the change that removes it. */
function guard(name: string, file: string, tests: string, find: string, replace: string): Guard {
  return { name, file, tests: `hostile/${tests}`, find, replace };
}

const decoder: readonly Guard[] = [
  guard(
    "a length with its top bit set is refused (§5.2)",
    "assembly/header.ts",
    "frames.test",
    "if (<i64>payloadLength < 0) return",
    "if (payloadLength === 1) return",
  ),
  guard(
    "the octets of a message are held against maxMessageLength at each header (§10.4)",
    "assembly/decode.ts",
    "frames.test",
    "else if (total > maxMessageLength)",
    "else if (total > maxMessageLength + 1e30)",
  ),
  guard(
    "a length keeps all of its 64 bits (§5.2)",
    "assembly/header.ts",
    "frames.test",
    "return bswap<u64>(load<u64>(ptr, 2));",
    "return bswap<u64>(load<u64>(ptr, 2)) & 0xffffffff;",
  ),
  guard(
    "the limit itself is allowed (§10.4)",
    "assembly/decode.ts",
    "frames.test",
    "else if (total > maxMessageLength)",
    "else if (total >= maxMessageLength)",
  ),
  guard(
    "16 bits hold no length that 7 would (§5.2)",
    "assembly/header.ts",
    "frames.test",
    "return payloadLength < <u64>LENGTH_16 ? VIOLATION_LENGTH_NOT_MINIMAL : VIOLATION_NONE;",
    "return VIOLATION_NONE;",
  ),
  guard(
    "64 bits hold no length that 16 would, in the scalar twin (§5.2)",
    "bindings/kernel/scalar-decode.ts",
    "frames.test",
    "else if (payloadLength < 65536) violation",
    "else if (payloadLength < 0) violation",
  ),
  guard(
    "frames are masked by clients and by nobody else (§5.1)",
    "assembly/header.ts",
    "frames.test",
    "if (masked !== expectMask) return",
    "if (first > 255) return",
  ),
  guard(
    "reserved bits are clear (§5.2)",
    "assembly/header.ts",
    "frames.test",
    "if (first & RSV_BITS & ~config) return",
    "if (first & RSV_BITS & ~config & 0x40) return",
  ),
  guard(
    "opcodes are defined ones, in the scalar twin (§5.2)",
    "bindings/kernel/scalar-decode.ts",
    "frames.test",
    "new Set([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])",
    "new Set([3, 4, 5, 6, 7, 11, 12, 13, 14])",
  ),
  guard(
    "a control frame is one frame (§5.5)",
    "assembly/header.ts",
    "frames.test",
    "if (!(first & FIN_BIT)) return",
    "if (first > 255) return",
  ),
  guard(
    "a control frame has at most 125 octets (§5.5)",
    "assembly/header.ts",
    "frames.test",
    "if (<i32>(second & LENGTH_BITS) > MAX_CONTROL_LENGTH) return",
    "if (first > 255) return",
  ),
  guard(
    "a continuation continues something (§5.4)",
    "assembly/header.ts",
    "frames.test",
    "if (!messageOpen) return",
    "if (first > 255) return",
  ),
  guard(
    "a message ends before the next begins (§5.4)",
    "assembly/header.ts",
    "frames.test",
    "return messageOpen ? VIOLATION_CONTINUATION_EXPECTED : VIOLATION_NONE;",
    "return VIOLATION_NONE;",
  ),
  guard(
    "the octets of a message are forgotten at its end (§10.4)",
    "assembly/decode.ts",
    "frames.test",
    "      messageLength = 0;\n",
    "",
  ),
  guard("and over a long life (§10.4)", "assembly/decode.ts", "memory.test", "      messageLength = 0;\n", ""),
  guard(
    "a header is judged by its first two octets (§5.2)",
    "assembly/decode.ts",
    "frames.test",
    "if (available < 2) break;",
    "if (available < 6) break;",
  ),
  guard(
    "a Close has no payload of one octet (§5.5.1)",
    "assembly/close.ts",
    "frames.test",
    "if (length === 1) return VIOLATION_CLOSE_LENGTH;",
    "if (length === 1) return VIOLATION_NONE;",
  ),
  guard(
    "a Close says a code that may be sent (§7.4)",
    "assembly/close.ts",
    "frames.test",
    "(code < 1004 || code > 1006)",
    "(code < 1004 || code > 1005)",
  ),
  guard("codes 1012 to 1014 may be sent (§7.4)", "assembly/close.ts", "frames.test", "code <= 1014", "code <= 1011"),
  guard(
    "a close reason is UTF-8, in the scalar twin (§5.5.1)",
    "bindings/kernel/scalar-decode.ts",
    "frames.test",
    "return validateUtf8(octets, ptr + 2, length - 2, K.UTF8_COMPLETE) === K.UTF8_COMPLETE",
    "return length > 0",
  ),
];

const connection: readonly Guard[] = [
  guard(
    "what a chunk cuts is copied out of linear memory",
    "bindings/codec/wire.ts",
    "frames.test",
    "this.carry = copyOf(kernel.octets, batch.rawPtr, batch.rawEnd);",
    "this.carry = viewOf(kernel.octets, batch.rawPtr, batch.rawEnd);",
  ),
  guard(
    "what a message has come to is each connection's own",
    "bindings/codec/wire.ts",
    "frames.test",
    "    control[CONTROL_MESSAGE] = this.message;\n",
    "",
  ),
  guard(
    "what is left of a frame is each connection's own",
    "bindings/codec/wire.ts",
    "frames.test",
    "    controlFloats[CONTROL_REMAINING] = this.remaining;\n",
    "",
  ),
  guard(
    "what comes behind the peer's Close is ignored (§5.5.1)",
    "bindings/connection/life.ts",
    "frames",
    "    this.receiver.stop();\n    // The answer repeats the code alone.",
    "",
  ),
  guard(
    "what comes behind a violation is ignored (§7.1.7)",
    "bindings/connection/life.ts",
    "frames.test",
    "      this.receiver.stop();\n      const closing",
    "      const closing",
  ),
  guard(
    "every ping is answered with its own octets (§5.5.3)",
    "bindings/connection/connection.ts",
    "frames",
    "this.sender.sendOctets(FIN_BIT | OPCODE_PONG, payload, undefined)",
    "this.sender.sendOctets(FIN_BIT | OPCODE_PONG, new Uint8Array(payload.length), undefined)",
  ),
  guard(
    "the answer to a Close repeats its code alone (§5.5.1)",
    "bindings/connection/life.ts",
    "frames-server",
    "payload.slice(0, 2)",
    "payload.slice()",
  ),
  guard(
    "what a handler throws fails its connection (§7.4.1)",
    "bindings/connection/receiver.ts",
    "handlers",
    "this.owner.handlerThrew(error);",
    "this.isStopped ||= error === null;",
  ),
  guard(
    "who delivers from linear memory makes room for another connection",
    "bindings/kernel/input-region.ts",
    "handlers",
    "former.spill();",
    "",
  ),
  guard(
    "a batch that a handler ended is dropped",
    "bindings/connection/receiver.ts",
    "handlers",
    "        if (this.isStopped) return;\n",
    "",
  ),
  guard(
    "a pause stops the batch it falls in",
    "bindings/connection/receiver.ts",
    "handlers",
    "if (this.waits && !batch.isDone) batch.spill();",
    "",
  ),
];

/** Keeps something for every time that this runs, as long as its object lives. */
const keep = "Object.assign(this, { kept: { before: (this as unknown as { kept?: object }).kept } });";

const memory: readonly Guard[] = [
  ...["memory.test", "memory-server"].map((tests) =>
    guard(
      `a fragment holds its octets and nothing else (${tests === "memory.test" ? "an endpoint" : "a running server"})`,
      "bindings/connection/messages.ts",
      tests,
      "    if (this.unfinished === null) {\n",
      `    ${keep}\n    if (this.unfinished === null) {\n`,
    ),
  ),
  guard(
    "a control frame holds nothing once it is answered",
    "bindings/connection/connection.ts",
    "memory.test",
    "    if (opcode === OPCODE_CLOSE) {\n",
    `    ${keep}\n    if (opcode === OPCODE_CLOSE) {\n`,
  ),
  ...["memory.test", "memory-server"].map((tests) =>
    guard(
      `the blocks of a message follow each other (${tests === "memory.test" ? "an endpoint" : "a running server"})`,
      "bindings/codec/blocks.ts",
      tests,
      "      at += length;\n    }\n  }\n\n  /** Gives every block back. */",
      "    }\n  }\n\n  /** Gives every block back. */",
    ),
  ),
  ...["memory.test", "memory-server"].map((tests) =>
    guard(
      `a declared length reserves nothing (${tests === "memory.test" ? "an endpoint" : "a running server"})`,
      "bindings/codec/wire.ts",
      tests,
      "      this.frameOffset = this.streamOffset + frameAt;\n",
      "      Object.assign(this, { reserved: new Uint8Array(8192) });\n",
    ),
  ),
  guard(
    "nor does one that is refused",
    "bindings/codec/wire.ts",
    "memory.test",
    "    const place = {\n",
    "    Object.assign(this, { reserved: new Uint8Array(8192) });\n    const place = {\n",
  ),
  guard(
    "a message is completed with one copy",
    "bindings/codec/blocks.ts",
    "resident",
    "const whole = host.allocate(this.length);",
    "const [whole] = [1, 2, 3].map((copy) => host.allocate(this.length).fill(copy)) as [Uint8Array];",
  ),
  guard(
    "a fragment is put behind the others without a look at them",
    "bindings/connection/messages.ts",
    "work",
    "message.append(source.octets, start, end);",
    "message.append(source.octets, start, end);\n    for (let at = 0; at < 4 * message.length; at++) if (at > 2 ** 40) this.isAscii = false;",
  ),
  guard(
    "a fragment costs the work of its own octets",
    "bindings/connection/messages.ts",
    "work",
    "    message.append(source.octets, start, end);\n",
    "    message.append(source.octets, start, end);\n    for (let pass = 0; pass < 2; pass++) new Uint8Array(message.length).fill(1);\n",
  ),
  guard(
    "unsent output is held against maxBufferedAmount",
    "bindings/connection/sender.ts",
    "floods-answered",
    "      unsent > maxBufferedAmount\n",
    "      unsent > maxBufferedAmount * 8\n",
  ),
  guard(
    "what fits in maxBufferedAmount may wait",
    "bindings/connection/sender.ts",
    "floods-answered",
    "      unsent > maxBufferedAmount\n",
    "      unsent > 0\n",
  ),
  guard(
    "what waited for a dropped peer is let go",
    "bindings/connection/life.ts",
    "floods-answered",
    'this.busySender?.discard(error ?? new UsageError("WS_NOT_OPEN", "the connection closed before this was sent"));',
    "",
  ),
];

const callers: readonly Guard[] = [
  guard(
    "a close reason has at most 123 octets (§5.5)",
    "bindings/connection/closing.ts",
    "usage",
    "if (octets.length > MAX_CONTROL_LENGTH - 2) {",
    "if (octets.length > 1e9) {",
  ),
  guard(
    "a close reason is a string or a Uint8Array",
    "bindings/connection/closing.ts",
    "usage",
    "!(reason instanceof Uint8Array)",
    "!((value: unknown): value is Uint8Array => value instanceof Object)(reason)",
  ),
  guard(
    "a ping has at most 125 octets (§5.5)",
    "bindings/connection/closing.ts",
    "usage",
    "if (octets.length <= MAX_CONTROL_LENGTH) return octets;",
    "if (octets.length <= 1e9) return octets;",
  ),
  guard(
    "octets are a buffer or a view of one, never a length",
    "bindings/codec/octets.ts",
    "usage",
    "  if (isBuffer(source)) return new Uint8Array(source);\n",
    "  if (isBuffer(source) || typeof source !== 'string') return new Uint8Array(source as ArrayBuffer);\n",
  ),
  guard(
    "a view's octets are its own part of its buffer",
    "bindings/codec/octets.ts",
    "usage",
    "return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);",
    "return new Uint8Array(source.buffer);",
  ),
  guard(
    "a limit is used as it is",
    "bindings/options.ts",
    "usage",
    "value >= least && value <= most) return value;",
    "value >= least && value <= most) return value | 0;",
  ),
  guard(
    "a limit is a whole number",
    "bindings/options.ts",
    "usage",
    "Number.isInteger(value) && value >= least",
    "value >= least",
  ),
];

const secrets: readonly Guard[] = [
  guard(
    "what a handler is given is out of linear memory",
    "bindings/connection/messages.ts",
    "secrets",
    "return this.slab.copy(octets, words, start, end);",
    "return viewOf(octets, start, end);",
  ),
  guard(
    "small messages share memory with those of their own connection alone",
    "bindings/connection/messages.ts",
    "secrets",
    "this.slab ??= new Slab();",
    "this.slab ??= (globalThis as unknown as { slab: Slab }).slab ??= new Slab();",
  ),
  guard(
    "a message is copied out of its blocks",
    "bindings/codec/blocks.ts",
    "secrets",
    "const whole = host.allocate(this.length);",
    "const whole = this.blocks.length === 1 ? host.part(this.blocks[0]!, 0, this.length) : host.allocate(this.length);",
  ),
  guard(
    "every octet of a message is written before it is handed out",
    "bindings/codec/blocks.ts",
    "secrets",
    "      whole.set(length === block.length ? block : block.subarray(0, length), at);\n",
    "",
  ),
  guard(
    "a block leaves as far as it is filled",
    "bindings/connection/unsent.ts",
    "secrets",
    "const octets = host.part(block, 0, used);",
    "const octets = host.part(block, 0, Math.min(block.length, used + 7));",
  ),
];

export const frameGuards: readonly Guard[] = [...decoder, ...connection, ...memory, ...callers, ...secrets];
