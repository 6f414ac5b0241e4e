// What ws calls the faults of a peer: a table from our codes to its own, which programs look at. The error that we have
// of it is the cause: it says where, and by which section.

import { PeerError } from "../errors/classes.ts";

/** An error as ws makes them. */
export interface WsError extends Error {
  readonly code: string;
}

const codes: ReadonlyMap<string, string> = new Map([
  ["WS_RSV1_MISPLACED", "WS_ERR_UNEXPECTED_RSV_1"],
  ["WS_RESERVED_OPCODE", "WS_ERR_INVALID_OPCODE"],
  ["WS_CONTINUATION_UNEXPECTED", "WS_ERR_INVALID_OPCODE"],
  ["WS_CONTINUATION_EXPECTED", "WS_ERR_INVALID_OPCODE"],
  ["WS_MASK_MISSING", "WS_ERR_EXPECTED_MASK"],
  ["WS_MASK_FORBIDDEN", "WS_ERR_UNEXPECTED_MASK"],
  ["WS_CONTROL_FRAGMENTED", "WS_ERR_EXPECTED_FIN"],
  ["WS_CONTROL_TOO_LONG", "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"],
  ["WS_CLOSE_LENGTH", "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"],
  ["WS_CLOSE_CODE", "WS_ERR_INVALID_CLOSE_CODE"],
  ["WS_CLOSE_REASON", "WS_ERR_INVALID_UTF8"],
  ["WS_INVALID_UTF8", "WS_ERR_INVALID_UTF8"],
  ["WS_LENGTH_TOP_BIT", "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"],
  ["WS_FRAME_TOO_LONG", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"],
  ["WS_MESSAGE_TOO_LONG", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"],
  ["WS_TEXT_TOO_LONG", "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"],
  ["WS_TOO_MANY_FRAGMENTS", "WS_ERR_TOO_MANY_BUFFERED_PARTS"],
  // What ws passes on is zlib's own error.
  ["WS_INFLATE", "Z_DATA_ERROR"],
]);

/** The code that ws has for a fault; ours where it has none. */
function codeOf({ code, frame }: PeerError, actual: number | undefined): string {
  if (code === "WS_RESERVED_BIT")
    return frame?.rsv2 || frame?.rsv3 ? "WS_ERR_UNEXPECTED_RSV_2_3" : "WS_ERR_UNEXPECTED_RSV_1";
  if (code === "WS_MESSAGE_TOO_LONG" && actual! > Number.MAX_SAFE_INTEGER)
    return "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH";
  return codes.get(code) ?? code;
}

/** Makes of what a connection failed of what ws tells; what is no fault of a peer is told as it is. */
export function wsError(error: unknown): unknown {
  if (!(error instanceof PeerError)) return error;
  const code = codeOf(error, (error as { readonly actual?: number }).actual);
  const text =
    code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"
      ? "Max payload size exceeded"
      : `Invalid WebSocket frame: ${error.message}`;
  const Class = error.closeCode === 1007 ? Error : RangeError;
  return Object.assign(new Class(text, { cause: error }), { code });
}

/** Why nothing is sent: programs read the state in it. */
export function notOpenError(readyState: number): Error {
  const name = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"][readyState];
  return new Error(`WebSocket is not open: readyState ${readyState} (${name})`);
}
