// ws's Receiver: a Writable that takes what a peer sends and tells what is in it. Its events are `message` (data, isBinary), `ping`
// and `pong` (data), `conclude` (code, reason), `error`. A WebSocket has a connection for that; this is for whoever reads a
// stream by himself.

import { Writable } from "node:stream";
import { OPCODE_CLOSE, OPCODE_PING } from "../../assembly/constants.ts";
import { Account } from "../connection/budget.ts";
import { readClosePayload } from "../connection/closing.ts";
import { type Inbound, Receiver as InboundReceiver } from "../connection/receiver.ts";
import type { PeerError } from "../errors/classes.ts";
import { type BinaryType, binaryData } from "./binary-type.ts";
import { settingsFor } from "./connection.ts";
import { wsError } from "./errors.ts";
import { limitFragments } from "./fragment-limit.ts";
import { maxMessageLengthOf } from "./limits.ts";
import type { SocketOptions } from "./options.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";
import type { Extensions } from "./sender.ts";

export interface ReceiverOptions extends Omit<SocketOptions, "generateMask"> {
  readonly binaryType?: BinaryType | undefined;
  readonly extensions?: Extensions | undefined;
  readonly isServer?: boolean | undefined;
  /** Never reached: chunks are not kept as such. */
  readonly maxBufferedChunks?: number | undefined;
}

type Callback = (error?: Error | null) => void;

export class Receiver extends Writable {
  private readonly inbound: InboundReceiver<never>;
  private readonly isSynchronous: boolean;
  private readonly binaryType: BinaryType;
  private failure: unknown = undefined;
  private isWaiting = false;
  /** Called when what was written last is taken. */
  private whenTaken: Callback | null = null;

  constructor(options: ReceiverOptions = {}) {
    super();
    this.isSynchronous = options.allowSynchronousEvents !== false;
    this.binaryType = options.binaryType ?? "nodebuffer";
    const settings = settingsFor(options.isServer === true ? "server" : "client", {
      maxMessageLength: maxMessageLengthOf(options.maxPayload ?? 0),
      skipUtf8Validation: Boolean(options.skipUTF8Validation),
    });
    const deflate = options.extensions?.[PerMessageDeflate.extensionName]?.forConnection();
    const { maxFragments = 0 } = options;
    const extension = maxFragments > 0 ? limitFragments(deflate, maxFragments) : deflate;
    const account = new Account({ evict: () => {} }, Number.POSITIVE_INFINITY);
    this.inbound = new InboundReceiver(this.owner, settings, account, 0, extension) as InboundReceiver<never>;
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: Callback): void {
    this.whenTaken = callback;
    this.inbound.receive(chunk, true);
    this.taken();
  }

  /** Calls back for the chunk, unless something of it waits: for its turn, or to be inflated. */
  private taken(): void {
    const { whenTaken, failure } = this;
    const isWaiting = failure === undefined && (this.isWaiting || this.inbound.yielding);
    if (whenTaken === null || isWaiting) return;
    this.whenTaken = null;
    whenTaken(failure as Error | undefined);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.inbound.stop();
    callback(error);
  }

  /** What the receiver of a connection tells. */
  private get owner(): Inbound {
    const nothing = (): void => {};
    return {
      beginBatch: nothing,
      batchTakesLong: nothing,
      endBatch: nothing,
      turnEnded: nothing,
      turnBegan: () => this.taken(),
      transportClosed: nothing,
      receivedEnd: nothing,
      receivedStream: nothing,
      receivedMessage: (data: string | Uint8Array, isBinary: boolean) =>
        this.tell("message", isBinary ? binaryData(data as Buffer, this.binaryType) : data, isBinary),
      receivedControl: (opcode: number, payload: Uint8Array) => {
        if (opcode === OPCODE_CLOSE) this.conclude(payload);
        else this.tell(opcode === OPCODE_PING ? "ping" : "pong", payload);
      },
      receivedViolation: (error: PeerError) => this.fail(wsError(error)),
      handlerThrew: (error: unknown) =>
        process.nextTick(() => {
          throw error;
        }),
    } as unknown as Inbound;
  }

  private tell(event: string, ...values: unknown[]): void {
    if (this.isSynchronous) {
      this.emit(event, ...values);
      return;
    }
    this.isWaiting = true;
    this.inbound.pause();
    setImmediate(() => {
      this.emit(event, ...values);
      this.isWaiting = false;
      this.inbound.resume();
      this.taken();
    });
  }

  private conclude(payload: Uint8Array): void {
    this.inbound.stop();
    const { code } = readClosePayload(payload);
    this.emit("conclude", code, payload.subarray(2));
    this.end();
  }

  private fail(error: unknown): void {
    this.inbound.stop();
    this.failure ??= error;
    this.taken();
  }
}
