// The border between integers and classes: a kernel's violation number -> stable code, section, close code, sentence.
// docs/errors.md holds the same table, and a test keeps the two equal.

import * as K from "../../assembly/constants.ts";
import { type ErrorPlace, InvalidPayloadError, LimitError, type PeerError, ProtocolError } from "./classes.ts";

/** One row of the table of what a peer may do wrong. */
export interface ViolationRow {
  readonly violation: number;
  readonly code: string;
  readonly section: string;
  readonly closeCode: 1002 | 1007 | 1009;
  readonly text: string;
}

// Marked for bundlers, which do not look into calls: programs that decode nothing go without the table.
/*#__NO_SIDE_EFFECTS__*/
function row(
  violation: number,
  code: string,
  section: string,
  closeCode: 1002 | 1007 | 1009,
  text: string,
): ViolationRow {
  return { violation, code, section: `RFC ${section}`, closeCode, text };
}

/** Every violation a kernel reports; the index is the violation number less one. */
export const violations: readonly ViolationRow[] = [
  row(
    K.VIOLATION_RESERVED_BIT,
    "WS_RESERVED_BIT",
    "6455 §5.2",
    1002,
    "a reserved bit is set that no extension defines",
  ),
  row(
    K.VIOLATION_RSV1_MISPLACED,
    "WS_RSV1_MISPLACED",
    "7692 §6.1",
    1002,
    "RSV1 is set on a control or continuation frame",
  ),
  row(K.VIOLATION_RESERVED_OPCODE, "WS_RESERVED_OPCODE", "6455 §5.2", 1002, "the opcode is reserved"),
  row(K.VIOLATION_MASK_MISSING, "WS_MASK_MISSING", "6455 §5.1", 1002, "a client's frame is not masked"),
  row(K.VIOLATION_MASK_FORBIDDEN, "WS_MASK_FORBIDDEN", "6455 §5.1", 1002, "a server's frame is masked"),
  row(K.VIOLATION_CONTROL_FRAGMENTED, "WS_CONTROL_FRAGMENTED", "6455 §5.5", 1002, "a control frame is fragmented"),
  row(
    K.VIOLATION_CONTROL_TOO_LONG,
    "WS_CONTROL_TOO_LONG",
    "6455 §5.5",
    1002,
    "a control frame is longer than 125 octets",
  ),
  row(
    K.VIOLATION_CONTINUATION_UNEXPECTED,
    "WS_CONTINUATION_UNEXPECTED",
    "6455 §5.4",
    1002,
    "a continuation frame came with no message open",
  ),
  row(
    K.VIOLATION_CONTINUATION_EXPECTED,
    "WS_CONTINUATION_EXPECTED",
    "6455 §5.4",
    1002,
    "a new message began before the open one ended",
  ),
  row(
    K.VIOLATION_LENGTH_NOT_MINIMAL,
    "WS_LENGTH_NOT_MINIMAL",
    "6455 §5.2",
    1002,
    "the payload length is not in its shortest form",
  ),
  row(
    K.VIOLATION_LENGTH_TOP_BIT,
    "WS_LENGTH_TOP_BIT",
    "6455 §5.2",
    1002,
    "the 64-bit payload length has its top bit set",
  ),
  row(K.VIOLATION_CLOSE_LENGTH, "WS_CLOSE_LENGTH", "6455 §5.5.1", 1002, "a Close frame's payload is a single octet"),
  row(K.VIOLATION_CLOSE_CODE, "WS_CLOSE_CODE", "6455 §7.4", 1002, "a Close frame's code may not be sent"),
  row(K.VIOLATION_CLOSE_REASON, "WS_CLOSE_REASON", "6455 §5.5.1", 1007, "a Close frame's reason is not UTF-8"),
  row(K.VIOLATION_INVALID_UTF8, "WS_INVALID_UTF8", "6455 §8.1", 1007, "a text message is not UTF-8"),
  row(K.VIOLATION_FRAME_TOO_LONG, "WS_FRAME_TOO_LONG", "6455 §10.4", 1009, "a frame is longer than maxPayloadLength"),
  row(
    K.VIOLATION_MESSAGE_TOO_LONG,
    "WS_MESSAGE_TOO_LONG",
    "6455 §10.4",
    1009,
    "a message is longer than maxMessageLength",
  ),
];

/**
 * Makes the error for a violation.
 *
 * @param violation  a VIOLATION_* number other than VIOLATION_NONE
 * @param place      where it was found; the section comes from the table
 * @param limit      1009 only: the limit in force, octets
 * @param actual     1009 only: the length that was found, octets
 */
export function errorOfViolation(violation: number, place: ErrorPlace, limit = 0, actual = 0): PeerError {
  const { code, section, closeCode, text } = violations[violation - 1]!;
  const placed = { ...place, section };
  const message = `${text} (${section})`;
  if (closeCode === 1009)
    return new LimitError(code, `${message}: ${actual} octets, limit ${limit}`, closeCode, limit, actual, placed);
  if (closeCode === 1007) return new InvalidPayloadError(code, message, closeCode, placed);
  return new ProtocolError(code, message, closeCode, placed);
}
