// The entry `wsimd`: the codec, the sans-IO endpoint and the handshake, for every runtime. Nothing here needs `node:`.

export { type EncodeFrameOptions, encodeFrame } from "./codec/encode-frame.ts";
export { FrameDecoder, type FrameDecoderOptions, type FrameSink } from "./codec/frame-decoder.ts";
export { mask } from "./codec/masking.ts";
export type { OctetSource } from "./codec/octets.ts";
export { isValidUtf8 } from "./codec/utf8.ts";
export type { Role } from "./codec/wire.ts";
export { CloseCode, Opcode } from "./codes.ts";
export type { Done } from "./connection/calls.ts";
export type { CloseReport, CloseStatus } from "./connection/closing.ts";
export { Connection, type SendOptions } from "./connection/connection.ts";
export type { ConnectionExtension } from "./connection/extension.ts";
export { Later, type Waiting } from "./connection/later.ts";
export { ReadyState } from "./connection/life.ts";
export type { ConnectionOptions } from "./connection/made-with.ts";
export type { MessageStream, ReceivedPart } from "./connection/message-stream.ts";
export { BORROW_LENGTH } from "./connection/outbox.ts";
export type { MessagePart, MessageSource } from "./connection/outgoing.ts";
export { type MessageOptions, PreparedMessage, prepareMessage } from "./connection/prepared.ts";
export {
  type ConnectionHandlers,
  type ConnectionLimits,
  type ConnectionPlace,
  ConnectionSettings,
  type SettingsOptions,
} from "./connection/settings.ts";
export type { Transport } from "./connection/transport.ts";
export {
  type ErrorPlace,
  type FrameHeader,
  HandshakeError,
  InvalidPayloadError,
  LimitError,
  PeerError,
  ProtocolError,
  type RefusedAnswer,
  UsageError,
  WsimdError,
} from "./errors/classes.ts";
export * from "./handshake/index.ts";
export type { KernelName } from "./kernel/kernel.ts";
export { type InitOptions, init, initSync } from "./kernel/select.ts";
