// Whom wsimd is timed against, in the form that each documents as its fastest: native add-ons built, ws with bufferutil.
// Only the parts that the benches call are typed.

import { isUtf8 } from "node:buffer";
import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import * as ws from "ws";

const require = createRequire(import.meta.url);

export interface WsReceiver {
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): this;
  write(chunk: Buffer): boolean;
}

export interface WsSender {
  send(data: string | Buffer, options: WsSendOptions, done?: () => void): void;
}

export interface WsSendOptions {
  readonly binary: boolean;
  readonly compress: boolean;
  readonly fin: boolean;
  readonly mask: boolean;
}

export interface WsFrameOptions {
  readonly fin: boolean;
  readonly mask: boolean;
  readonly opcode: number;
  readonly readOnly: boolean;
  readonly rsv1: boolean;
}

interface WsParts {
  Receiver: new (options: { isServer: boolean; allowSynchronousEvents: boolean; maxPayload: number }) => WsReceiver;
  Sender: {
    new (socket: unknown): WsSender;
    frame(data: string | Buffer, options: WsFrameOptions): Buffer[];
  };
}

const parts: WsParts = ws as unknown as WsParts; // @types/ws leaves both out
export const Receiver: WsParts["Receiver"] = parts.Receiver;
export const Sender: WsParts["Sender"] = parts.Sender;

export interface BufferUtil {
  mask(source: Buffer, key: Buffer, output: Buffer, offset: number, length: number): void;
  unmask(octets: Buffer, key: Buffer): void;
}

export const bufferUtil: BufferUtil = require("bufferutil");
export const utf8Validate: (octets: Buffer) => boolean = require("utf-8-validate");
/** What those packages are where their native add-on does not load. */
export const bufferUtilFallback: BufferUtil = require("bufferutil/fallback.js");
export const utf8ValidateFallback: (octets: Buffer) => boolean = require("utf-8-validate/fallback.js");
export const nodeIsUtf8: (octets: Buffer) => boolean = isUtf8;

/** The protocol class of websocket-driver, which speaks HTTP as well. */
export interface Driver {
  readonly io: EventEmitter & { write(chunk: Buffer): boolean };
  readonly messages: EventEmitter;
  start(): boolean;
  text(message: string): boolean;
  binary(message: Buffer): boolean;
}

interface DriverOptions {
  readonly masking?: boolean;
  readonly requireMasking?: boolean;
}

const Hybi: new (request: object, url: string, options: DriverOptions) => Driver =
  require("websocket-driver/lib/websocket/driver/hybi");

const upgradeRequest: object = {
  method: "GET",
  headers: {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
  },
};

/** A driver past its opening handshake. A server's, in name: with `masking` it sends as a client. */
export function openDriver(options: DriverOptions): Driver {
  const driver = new Hybi(upgradeRequest, "ws://localhost/", options);
  if (!driver.start()) throw new Error("websocket-driver refuses its handshake");
  return driver;
}

/** Why the peers are not at their best here; "" where they are. */
export function handicap(): string {
  const isNative = (method: unknown): boolean => String(method).includes("[native code]");
  if (process.env.WS_NO_BUFFER_UTIL) return "WS_NO_BUFFER_UTIL is set: ws would run without bufferutil";
  if (!isNative(bufferUtil.mask)) return "bufferutil runs as JavaScript: its native add-on did not load";
  if (!isNative(utf8Validate)) return "utf-8-validate runs as JavaScript: its native add-on did not load";
  return "";
}
