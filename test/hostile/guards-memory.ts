// The guards of memory: what frames and messages may hold of it, and whose octets are in what is handed out.

import { type Guard, guard } from "./guard.ts";

/** Keeps something for every time that this runs, as long as its object lives. */
const keep = "Object.assign(this, { kept: { before: (this as unknown as { kept?: object }).kept } });";

export const memoryGuards: readonly Guard[] = [
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

export const secretGuards: readonly Guard[] = [
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
