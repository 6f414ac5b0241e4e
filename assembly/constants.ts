// Numbers that the module and its TypeScript bindings must agree on, once, for both compilers.
// Plain literals only: `asc` reads them as i32 and `tsc` as literal types. RFC 6455 gives the values of §5.2 and §7.4;
// the rest is the contract of decode (see memory.ts for where things lie, decode.ts for what they mean).

// Opcodes, RFC 6455 §5.2 and §11.8.
export const OPCODE_CONTINUATION = 0x0;
export const OPCODE_TEXT = 0x1;
export const OPCODE_BINARY = 0x2;
export const OPCODE_CLOSE = 0x8;
export const OPCODE_PING = 0x9;
export const OPCODE_PONG = 0xa;

// First octet of a header, RFC 6455 §5.2.
export const FIN_BIT = 0x80;
export const RSV_BITS = 0x70;
export const RSV1_BIT = 0x40;
export const OPCODE_BITS = 0x0f;
export const CONTROL_BIT = 0x08;

// Second octet of a header, RFC 6455 §5.2.
export const MASK_BIT = 0x80;
export const LENGTH_BITS = 0x7f;
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;

export const MAX_CONTROL_LENGTH = 125; // §5.5
export const MAX_HEADER_LENGTH = 14; // §5.2: 2 + 8 + 4

// decode: the configuration of an endpoint. Bits 4-6 are the RSV bits it allows, as they stand in the first octet.
export const CONFIG_EXPECT_MASK = 0x01; // §5.1: a server's peer masks, a client's does not
export const CONFIG_RESUME = 0x02; // the state words continue an earlier call
export const CONFIG_SKIP_UTF8 = 0x04; // text is not validated
export const CONFIG_LEAVE_LONG_TEXT = 0x08; // the caller validates long last pieces of text: see CONTROL_UNJUDGED

// Octets from which text is long: the platform's own validation, with the view it needs, takes 0.9 of the kernel's time at 512
// octets, 0.63 at 1 KiB and 0.33 from 16 KiB on: `npm run bench -- "utf8 in place"`.
export const LONG_TEXT = 1024;

// A record: RECORD_WORDS words for a frame, or for the piece of a frame that a chunk holds.
//   word 0  first octet of the frame's header, with the RECORD_* flags above it
//   word 1  address of the piece's first payload octet, unmasked
//   word 2  payload octets in the piece
export const RECORD_WORDS = 3;
export const RECORD_CAPACITY = 256;
export const RECORD_ASCII = 0x100; // no octet of the piece has its high bit set (said of text only)
export const RECORD_FRAME_END = 0x200;
export const RECORD_MESSAGE_END = 0x400; // FRAME_END of a data frame with FIN
export const RECORD_TEXT = 0x800; // the piece belongs to a text message, whatever its own opcode
export const RECORD_COMPRESSED = 0x1000; // the message began with RSV1 (RFC 7692 §6)

// The control block: words of 4 octets from CONTROL_PTR. decode sets CONSUMED to FRAME_AT and UNJUDGED at every call; the state words
// are set where decode stops inside a frame or a message, and read where CONFIG_RESUME is given.
export const CONTROL_VIOLATION = 0; // 0, or one of VIOLATION_*
export const CONTROL_CONSUMED = 1; // octets taken from the chunk
export const CONTROL_RESUMABLE = 2; // 1: the state words matter; 0: at a frame boundary, no message open
export const CONTROL_FRAME_AT = 3; // the frame in progress, or the offending one: offset in the chunk; -1: an earlier chunk
export const CONTROL_OCTET_AT = 4; // invalid UTF-8: offset in the chunk of the octet that makes it invalid
export const CONTROL_FRAME = 5; // first octet of the frame in progress
export const CONTROL_MESSAGE = 6; // RECORD_TEXT, RECORD_COMPRESSED and MESSAGE_OPEN bits of the message in progress
export const CONTROL_MASKING_KEY = 7; // rotated: its low 8 bits meet the next payload octet
export const CONTROL_UTF8 = 8; // UTF-8 state, see utf8.ts
export const CONTROL_UNJUDGED = 9; // 1: decode stopped after a record of text that the caller validates before anybody sees it
export const CONTROL_REMAINING = 5; // in words of 8 octets (f64): payload octets of the frame in progress still to come
export const CONTROL_MESSAGE_LENGTH = 6; // in words of 8 octets (f64): octets on the wire of the message's frames so far
export const CONTROL_LENGTH = 64; // octets in all
export const MESSAGE_OPEN = 0x10000;

// UTF-8 state, §8.1: 0 at a character's end; else the continuation octets needed in bits 0-7, and the bounds of the next
// octet in bits 8-15 (lowest) and 16-23 (highest).
export const UTF8_COMPLETE = 0;
export const UTF8_INVALID = -1;

// What a peer may do wrong, in the order of bindings/errors/violations.ts.
export const VIOLATION_NONE = 0;
export const VIOLATION_RESERVED_BIT = 1;
export const VIOLATION_RSV1_MISPLACED = 2;
export const VIOLATION_RESERVED_OPCODE = 3;
export const VIOLATION_MASK_MISSING = 4;
export const VIOLATION_MASK_FORBIDDEN = 5;
export const VIOLATION_CONTROL_FRAGMENTED = 6;
export const VIOLATION_CONTROL_TOO_LONG = 7;
export const VIOLATION_CONTINUATION_UNEXPECTED = 8;
export const VIOLATION_CONTINUATION_EXPECTED = 9;
export const VIOLATION_LENGTH_NOT_MINIMAL = 10;
export const VIOLATION_LENGTH_TOP_BIT = 11;
export const VIOLATION_CLOSE_LENGTH = 12;
export const VIOLATION_CLOSE_CODE = 13;
export const VIOLATION_CLOSE_REASON = 14;
export const VIOLATION_INVALID_UTF8 = 15;
export const VIOLATION_FRAME_TOO_LONG = 16;
export const VIOLATION_MESSAGE_TOO_LONG = 17;
