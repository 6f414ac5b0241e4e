// encodeFrame: one frame at a time, for those who write to a transport themselves. Connections write frames
// into their own output; see connection/outbox.ts.

import { CONTROL_BIT, FIN_BIT, MASK_BIT, MAX_CONTROL_LENGTH } from "../../assembly/constants.ts";
import { UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { currentKernel } from "../kernel/select.ts";
import { booleanOption, checkOptionNames, choiceOption, numberOption } from "../options.ts";
import { headerLength, writeHeader, writeMaskingKey } from "./header.ts";
import { isMaskingKey, maskRange, nextMaskingKey } from "./masking.ts";
import { type OctetSource, octetsOf } from "./octets.ts";
import type { Role } from "./wire.ts";

/** Options of encodeFrame. */
export interface EncodeFrameOptions {
  /** Who sends: a `"client"` masks (§5.1); default `"server"`. */
  readonly role?: Role | undefined;
  /** Whether the frame ends its message; default true. */
  readonly fin?: boolean | undefined;
  /** Reserved bits, RSV1 4, RSV2 2, RSV3 1; default 0. */
  readonly rsv?: number | undefined;
  /** A client's masking key, octet 0 in the low 8 bits; default: an unpredictable one (§10.3). */
  readonly maskingKey?: number | undefined;
}

const optionNames: ReadonlySet<string> = new Set(["role", "fin", "rsv", "maskingKey"]);
const opcodes: ReadonlySet<number> = new Set([0x0, 0x1, 0x2, 0x8, 0x9, 0xa]);

/** Octets up to which a frame is made in the scratch region by one call of the kernel. */
const SCRATCH_LENGTH = 4096;

/**
 * Encodes one frame. RFC 6455 §5.2.
 *
 * @param opcode   one that RFC 6455 defines
 * @param payload  octets, or text that is encoded as UTF-8; read only
 * @returns        the whole frame, the caller's to keep; its ArrayBuffer may be shared
 * @throws         UsageError for an undefined opcode, a control frame that is fragmented or longer than 125 octets, or a
 *                 wrong option; a text frame's octets are the caller's to have validated
 */
export function encodeFrame(
  opcode: number,
  payload: string | OctetSource,
  options: EncodeFrameOptions = {},
): Uint8Array {
  if (!opcodes.has(opcode)) throw new UsageError("WS_ARGUMENT", `opcode ${opcode} is not defined by RFC 6455`);
  checkOptionNames("encodeFrame", options, optionNames);
  const fin = booleanOption("fin", options.fin, true);
  const rsv = numberOption("rsv", options.rsv, { otherwise: 0, least: 0, most: 7 });
  const masked = choiceOption("role", options.role, ["server", "client"], "server") === "client";
  if (options.maskingKey !== undefined && !isMaskingKey(options.maskingKey)) {
    throw new UsageError("WS_OPTION", "maskingKey must be an integer of 32 bits");
  }
  const maskingKey = masked ? (options.maskingKey ?? nextMaskingKey()) | 0 : 0;
  const octets = typeof payload === "string" ? null : octetsOf(payload, "payload", "a string, ");
  const length = octets === null ? host.utf8Length(payload as string) : octets.length;
  if (opcode & CONTROL_BIT && (!fin || length > MAX_CONTROL_LENGTH)) {
    throw new UsageError(
      "WS_ARGUMENT",
      "a control frame is never fragmented and has at most 125 octets (RFC 6455 §5.5)",
    );
  }
  const first = (fin ? FIN_BIT : 0) | (rsv << 4) | opcode;
  const kernel = currentKernel();
  if (length <= SCRATCH_LENGTH) return encodeInScratch(kernel, first, payload, octets, length, masked, maskingKey);

  const frame = host.allocate(headerLength(length, masked) + length);
  let at = writeHeader(frame, 0, first, length, masked ? MASK_BIT : 0);
  if (masked) at = writeMaskingKey(frame, at, maskingKey);
  if (octets === null) host.writeText(payload as string, frame, at);
  else frame.set(octets, at);
  if (masked) maskRange(kernel, frame, at, frame.length, maskingKey, 0);
  return frame;
}

function encodeInScratch(
  kernel: Kernel,
  first: number,
  payload: string | OctetSource,
  octets: Uint8Array | null,
  length: number,
  masked: boolean,
  maskingKey: number,
): Uint8Array {
  const payloadPtr = kernel.scratchPtr + headerLength(length, masked);
  if (octets === null) host.writeText(payload as string, kernel.octets, payloadPtr);
  else kernel.octets.set(octets, payloadPtr);
  const ptr = kernel.encode(payloadPtr, length, first, masked ? 1 : 0, maskingKey);
  const frameLength = payloadPtr + length - ptr;
  const frame = host.allocateShared(frameLength);
  frame.set(kernel.scratchView(frameLength));
  return frame;
}
