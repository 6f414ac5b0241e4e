// A message made ready once for any number of connections: a broadcast encodes it, and validates it, a single time.

import { FIN_BIT, OPCODE_BINARY, OPCODE_TEXT } from "../../assembly/constants.ts";
import { headerLength, writeHeader } from "../codec/header.ts";
import { type OctetSource, octetsOf } from "../codec/octets.ts";
import { isUtf8 } from "../codec/utf8.ts";
import { UsageError } from "../errors/classes.ts";
import { host } from "../host.ts";
import { checkOptionNames, wrongOption } from "../options.ts";
import { share } from "../share.ts";

/** What a message is. */
export interface MessageOptions {
  /** Whether the message is binary; default true for octets, false for a string. False sends octets as text. */
  readonly binary?: boolean | undefined;
  /** With `binary: false`: whether the caller vouches that the octets are UTF-8; default false, they are validated. */
  readonly trusted?: boolean | undefined;
  /** Where permessage-deflate was agreed: true compresses a message below its `threshold` too, false does not compress it. */
  readonly compress?: boolean | undefined;
}

const messageOptionNames: ReadonlySet<string> = new Set(["binary", "trusted", "compress"]);

/** Checks the options of one message. @throws UsageError for one that there is not */
export function checkMessageOptions(callee: string, options: MessageOptions | undefined): void {
  if (options === undefined) return;
  checkBooleans(options);
  const isUsed = options?.binary !== undefined || options?.trusted !== undefined || options?.compress !== undefined;
  if (!isUsed) checkOptionNames(callee, options, messageOptionNames);
}

/** Nothing is coerced: "no" is not false. @throws UsageError */
function checkBooleans(options: MessageOptions | null): void {
  if (options === null) return;
  const { binary, trusted, compress } = options;
  if (binary !== undefined && typeof binary !== "boolean") throw wrongOption("binary", "true or false", binary);
  if (trusted !== undefined && typeof trusted !== "boolean") throw wrongOption("trusted", "true or false", trusted);
  if (compress !== undefined && typeof compress !== "boolean") throw wrongOption("compress", "true or false", compress);
}

/** Checks that octets which are sent as text may be. @throws UsageError for those that are not UTF-8 */
export function checkText(octets: Uint8Array): void {
  if (!isUtf8(octets)) {
    throw new UsageError("WS_ARGUMENT", "octets sent as text must be UTF-8 (RFC 6455 §5.6)");
  }
}

/** A message that `prepareMessage` made; `send` of any connection takes it. Nothing of it may be changed. */
class PreparedMessage {
  /** The frame as a server sends it. Connections lend it to their transports. @internal */
  readonly frame: Uint8Array;
  /** Octets of the payload. */
  readonly payloadLength: number;
  /** @internal */
  readonly compress: boolean | undefined;

  /** @internal */
  constructor(frame: Uint8Array, payloadLength: number, compress: boolean | undefined) {
    this.frame = frame;
    this.payloadLength = payloadLength;
    this.compress = compress;
  }

  /** The header's first octet. @internal */
  get first(): number {
    return this.frame[0]!;
  }

  /** @internal */
  get payload(): Uint8Array {
    return this.frame.subarray(this.frame.length - this.payloadLength);
  }
}

/** The same class in every build: what one prepares, connections of the other send. */
const SharedMessage: typeof PreparedMessage = /*#__PURE__*/ share("PreparedMessage", PreparedMessage);
type SharedMessage = PreparedMessage;

export { SharedMessage as PreparedMessage };

/**
 * Makes a message ready to be sent to any number of connections. RFC 6455 §5.2.
 *
 * @param data     text, or octets, which are copied
 * @param options  as those of `send`
 * @throws         UsageError for data of another kind, and for octets sent as text that are not UTF-8
 */
export function prepareMessage(data: string | OctetSource, options?: MessageOptions): PreparedMessage {
  if (options !== undefined) {
    checkOptionNames("prepare", options, messageOptionNames);
    checkBooleans(options);
  }
  const octets = typeof data === "string" ? null : octetsOf(data, "data", "a string, ");
  const isBinary = options?.binary ?? octets !== null;
  if (octets !== null && !isBinary && options?.trusted !== true) checkText(octets);
  const payloadLength = octets === null ? host.utf8Length(data as string) : octets.length;
  const frame = host.allocate(headerLength(payloadLength, false) + payloadLength);
  const payloadAt = writeHeader(frame, 0, FIN_BIT | (isBinary ? OPCODE_BINARY : OPCODE_TEXT), payloadLength, 0);
  if (octets === null) host.writeText(data as string, frame, payloadAt);
  else frame.set(octets, payloadAt);
  return new SharedMessage(frame, payloadLength, options?.compress);
}
