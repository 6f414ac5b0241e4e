// The deliberate faults that the cases have to catch. break.ts builds each and writes down which cases caught it.

import type { Fault } from "../support/faults.ts";

export const faults: readonly Fault[] = [
  {
    name: "reserved bits are let pass (§5.2)",
    file: "assembly/header.ts",
    find: "if (first & RSV_BITS & ~config) return VIOLATION_RESERVED_BIT;",
    replace: "",
  },
  {
    name: "reserved opcodes are let pass (§5.2)",
    file: "assembly/header.ts",
    find: "if ((opcode & 7) > 2) return VIOLATION_RESERVED_OPCODE;",
    replace: "",
  },
  {
    name: "control frames may have more than 125 octets (§5.5)",
    file: "assembly/header.ts",
    find: "if (<i32>(second & LENGTH_BITS) > MAX_CONTROL_LENGTH) return VIOLATION_CONTROL_TOO_LONG;",
    replace: "",
  },
  {
    name: "control frames may be fragmented (§5.5)",
    file: "assembly/header.ts",
    find: "if (!(first & FIN_BIT)) return VIOLATION_CONTROL_FRAGMENTED;",
    replace: "",
  },
  {
    name: "a continuation may come with no message open (§5.4)",
    file: "assembly/header.ts",
    find: "if (!messageOpen) return VIOLATION_CONTINUATION_UNEXPECTED;",
    replace: "",
  },
  {
    name: "a message may begin inside another (§5.4)",
    file: "assembly/header.ts",
    find: "return messageOpen ? VIOLATION_CONTINUATION_EXPECTED : VIOLATION_NONE;",
    replace: "return VIOLATION_NONE;",
  },
  {
    name: "text may end inside a character (§8.1)",
    file: "assembly/decode.ts",
    find: "const endsInside = bits & RECORD_MESSAGE_END && utf8 !== UTF8_COMPLETE;",
    replace: "const endsInside = false;",
  },
  {
    name: "text is judged when it is whole, not as it comes (§8.1)",
    file: "assembly/decode.ts",
    find: "if (utf8 === UTF8_INVALID || endsInside) {",
    replace: "if (bits & RECORD_MESSAGE_END && (utf8 === UTF8_INVALID || endsInside)) {",
  },
  {
    name: "surrogates pass for characters where octets are judged one by one (RFC 3629 §3)",
    file: "assembly/utf8.ts",
    find: "if (octet === 0xed) return 2 | 0x9f8000;",
    replace: "",
  },
  {
    name: "the masking key begins anew behind a cut (§5.3)",
    file: "assembly/decode.ts",
    find: "maskingKey = rotateKey(maskingKey, pieceLength);",
    replace: "",
  },
  {
    name: "any close code is taken (§7.4)",
    file: "assembly/close.ts",
    find: "if (!isCloseCodeAllowed(bswap<u16>(load<u16>(ptr)))) return VIOLATION_CLOSE_CODE;",
    replace: "",
  },
  {
    name: "a close reason need not be UTF-8 (§5.5.1)",
    file: "assembly/close.ts",
    find: "return validateUtf8(ptr + 2, length - 2, UTF8_COMPLETE) === UTF8_COMPLETE ? VIOLATION_NONE : VIOLATION_CLOSE_REASON;",
    replace: "return VIOLATION_NONE;",
  },
  {
    name: "a Close is answered with 1001 in place of its own code (§5.5.1)",
    file: "bindings/connection/life.ts",
    find: "return payload.slice(0, 2);",
    replace: "return Uint8Array.of(3, 233);",
  },
  {
    name: "the server leaves TCP open after a closing handshake (§7.1.1)",
    file: "bindings/connection/life.ts",
    find: "if (this.endsFirst) closing.endsTransport = true;",
    replace: "",
  },
  {
    name: "a Close without a code is refused (§5.5.1)",
    file: "assembly/close.ts",
    find: "if (length === 0) return VIOLATION_NONE;",
    replace: "if (length === 0) return VIOLATION_CLOSE_LENGTH;",
  },
  {
    name: "pongs are empty (§5.5.3)",
    file: "bindings/connection/connection.ts",
    find: "this.sender.sendOctets(FIN_BIT | OPCODE_PONG, payload, undefined)",
    replace: "this.sender.sendOctets(FIN_BIT | OPCODE_PONG, payload.subarray(0, 0), undefined)",
  },
  {
    name: "65,536 octets are announced in 16 bits (§5.2)",
    file: "bindings/codec/header.ts",
    find: "  if (payloadLength <= 0xffff) {",
    replace: "  if (payloadLength <= 0x10000) {",
  },
];
