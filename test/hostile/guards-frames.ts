// The guards against hostile frames, each removed in one place: those of the header's decoder and those of a connection. The
// first of the two kernels alone is broken where both have a guard: a test counts as failed if it failed on either.

import { type Guard, guard } from "./guard.ts";

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
    "    this.receiver.stop();\n    const closing = this.closing ?? this.beginClosing(this.answerTo",
    "    const closing = this.closing ?? this.beginClosing(this.answerTo",
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
    `      this.owner.receivedViolation(error);
    } catch (error) {
      this.owner.handlerThrew(error);`,
    `      this.owner.receivedViolation(error);
    } catch (error) {
      this.isStopped ||= error === null;`,
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

export const frameGuards: readonly Guard[] = [...decoder, ...connection];
