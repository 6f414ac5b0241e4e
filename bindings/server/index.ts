// What the entries of all servers export, beside their own.

export type { SendOptions } from "../connection/connection.ts";
export type { Message } from "../connection/inbox.ts";
export type { ReadyState } from "../connection/life.ts";
export type { MessageStream, ReceivedPart } from "../connection/message-stream.ts";
export { BORROW_LENGTH } from "../connection/outbox.ts";
export type { MessagePart, MessageSource } from "../connection/outgoing.ts";
export { type MessageOptions, PreparedMessage, prepareMessage } from "../connection/prepared.ts";
export type { DeflateOptions } from "../deflate/options.ts";
export type { RequestHead } from "../handshake/index.ts";
export { Clock, type TimerSource } from "../socket/clock.ts";
export { Socket } from "../socket/socket.ts";
export type { HttpResponse } from "./http-answer.ts";
export type { UpgradeAcceptance, UpgradeDecision, UpgradeRefusal } from "./upgrade-offer.ts";
