// What a WebSocket of ws's sends: messages, fragments, pings and pongs, in the order in which they were sent, also where a Blob
// has to be read first. Who may send, and when, is websocket.ts's to say.

import { FIN_BIT, OPCODE_BINARY, OPCODE_CONTINUATION, OPCODE_TEXT } from "../../assembly/constants.ts";
import type { Done } from "../connection/calls.ts";
import type { EndpointConnection } from "./connection.ts";
import type { ConnectionSender } from "./connection-sender.ts";
import { isBlob, lengthOf, payloadFrom } from "./data.ts";
import { Order } from "./order.ts";
import { later, type SendCallback, type SendOptions } from "./sender.ts";

/** What is sent with it goes out as its role wants it. */
export interface Origin {
  readonly _isServer: boolean;
  /** Whether it masks with keys of the application's. */
  readonly _masksItself: boolean;
  readonly _sender: ConnectionSender | null;
  /** Something could not be sent, and nothing may be in its place. */
  _sendingFailed(error: unknown): void;
}

/** Octets that a control frame may have. RFC 6455 §5.5. */
const MAX_CONTROL_LENGTH = 125;

export class Outgoing {
  private readonly origin: Origin;
  private readonly connection: EndpointConnection;
  /** What is being read; null where nothing ever was. */
  private order: Order | null = null;
  private isInsideMessage = false;

  constructor(origin: Origin, connection: EndpointConnection) {
    this.origin = origin;
    this.connection = connection;
  }

  /** Octets that wait for a Blob. */
  get waitingLength(): number {
    return this.order === null ? 0 : this.order.length;
  }

  /** Sends a message, or a fragment of one. @throws TypeError for what is no data */
  send(data: unknown, { binary, compress, fin, mask }: SendOptions, callback: SendCallback | undefined): void {
    const isText = binary === undefined ? typeof data === "string" || typeof data === "number" : !binary;
    const opcode = this.isInsideMessage ? OPCODE_CONTINUATION : isText ? OPCODE_TEXT : OPCODE_BINARY;
    const isWhole = fin !== false;
    // A message that comes in fragments is not compressed: what is needed for it, one that is lost would keep.
    const mayCompress = compress !== false && isWhole && !this.isInsideMessage;
    this.isInsideMessage = !isWhole;
    this.sendFrame(isWhole ? opcode | FIN_BIT : opcode, data, mayCompress, mask, callback);
  }

  /** Sends a control frame. @throws RangeError for more than 125 octets. RFC 6455 §5.5 */
  control(opcode: number, data: unknown, mask: boolean | undefined, callback: SendCallback | undefined): void {
    const length = lengthOf(data);
    if (length > MAX_CONTROL_LENGTH)
      throw new RangeError(`a control frame has at most ${MAX_CONTROL_LENGTH} octets (RFC 6455 §5.5), not ${length}`);
    this.sendFrame(opcode | FIN_BIT, data, false, mask, callback);
  }

  /** Runs `step` behind what was sent before. */
  inOrder(step: () => void): void {
    if (this.order?.isWaiting === true) this.order.add(step, 0, ignore);
    else step();
  }

  /** Drops what waits. */
  drop(error: Error): void {
    this.order?.drop(error);
  }

  private sendFrame(
    first: number,
    data: unknown,
    mayCompress: boolean,
    mask: boolean | undefined,
    callback: SendCallback | undefined,
  ): void {
    const done = later(callback);
    const isOctets = data instanceof Uint8Array;
    if (!isOctets && isBlob(data)) {
      const put = async (): Promise<void> =>
        this.put(first, Buffer.from(await data.arrayBuffer()), mayCompress, mask, done);
      this.order ??= new Order();
      this.order.add(() => put().catch((error) => this.failed(error, done)), data.size, done ?? ignore);
      return;
    }
    const payload = isOctets ? data : payloadFrom(data);
    if (this.order === null || !this.order.isWaiting) this.put(first, payload, mayCompress, mask, done);
    else this.order.add(() => this.put(first, payload, mayCompress, mask, done), lengthOf(payload), done ?? ignore);
  }

  private put(
    first: number,
    payload: string | Uint8Array,
    mayCompress: boolean,
    mask: boolean | undefined,
    done: Done | undefined,
  ): void {
    const { origin } = this;
    if (!origin._masksItself && (mask === undefined || mask !== origin._isServer))
      this.connection.sendFrame(first, payload, done, mayCompress ? undefined : false);
    else origin._sender!.sendMasked(first, payload, mask ?? !origin._isServer, done);
  }

  /** A Blob could not be read. */
  private failed(error: Error, done: Done | undefined): void {
    done?.(error);
    this.drop(error);
    this.origin._sendingFailed(error);
  }
}

const ignore = (): void => {};
