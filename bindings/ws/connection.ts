// The Connection under a WebSocket of ws's: the same protocol with ws's manners. Text stays octets; pings are answered if the
// application wants that; a Close is answered with all that it said; whoever has both Closes ends the transport; listeners
// that throw fail nothing, and what they throw is uncaught. Its owner, the Endpoint, is told what came.

import * as timers from "node:timers";
import { FIN_BIT, OPCODE_PING, OPCODE_PONG } from "../../assembly/constants.ts";
import type { Role } from "../codec/wire.ts";
import type { Done } from "../connection/calls.ts";
import type { ClosingHandshake } from "../connection/closing.ts";
import { Connection } from "../connection/connection.ts";
import type { ConnectionExtension } from "../connection/extension.ts";
import { ReadyState } from "../connection/life.ts";
import { ConnectionSettings } from "../connection/settings.ts";
import type { Transport } from "../connection/transport.ts";
import { nextTurn, tickEnd } from "../runtime/later.ts";
import { notOpenError } from "./errors.ts";

/** Whose connection it is. */
export interface Endpoint {
  _received(data: Buffer, isBinary: boolean): void;
  _receivedControl(event: "ping" | "pong", data: Buffer): void;
  /** Somebody closes: time runs. */
  _closes(): void;
  /** What the peer did wrong. */
  _failed(error: unknown): void;
  /** The connection is over; its transport may not be. */
  _ended(code: number, reason: string): void;
}

/** What one connection of a kind may do. */
export interface Manners {
  readonly autoPong: boolean;
  /** Automatic pongs that may be unsent; 0 for any number. */
  readonly maxPendingAutoPongs: number;
  /** Whether several events may be told in one turn of the event loop. */
  readonly allowSynchronousEvents: boolean;
}

/** Limits of a kind of connection. */
export interface Limits {
  /** Octets; Infinity for no limit. */
  readonly maxMessageLength: number;
  readonly skipUtf8Validation: boolean;
}

/** What manners are made of: options of the WebSocket, and of its socket. */
interface MannersOptions {
  readonly autoPong?: boolean | undefined;
  readonly maxPendingAutoPongs?: number | undefined;
}

let lastManners: Manners = { autoPong: true, maxPendingAutoPongs: 0, allowSynchronousEvents: true };

/** The manners of options: connections of one kind share them. */
export function mannersFor(
  { autoPong = false, maxPendingAutoPongs = 0 }: MannersOptions,
  { allowSynchronousEvents = true }: { readonly allowSynchronousEvents?: boolean | undefined },
): Manners {
  const manners = { autoPong: Boolean(autoPong), maxPendingAutoPongs, allowSynchronousEvents };
  const isSame = Object.entries(manners).every(([name, value]) => lastManners[name as keyof Manners] === value);
  if (!isSame) lastManners = manners;
  return lastManners;
}

const handlers = {
  error: (endpoint: Endpoint, error: unknown): void => endpoint._failed(error),
  close: (endpoint: Endpoint, code: number, reason: string): void => endpoint._ended(code, reason),
};

/** Kinds of connection that are kept: an application has a few, unless it counts them up. */
const MOST_KNOWN = 64;

const known = new Map<string, ConnectionSettings<Endpoint>>();

/** The settings of a kind of connection. ws has no limits but a message's, and no idle timeout; nothing ticks these. */
export function settingsFor(
  role: Role,
  { maxMessageLength, skipUtf8Validation }: Limits,
): ConnectionSettings<Endpoint> {
  const key = `${role} ${maxMessageLength} ${skipUtf8Validation}`;
  const made = known.get(key);
  if (made !== undefined) return made;
  const infinite = Number.POSITIVE_INFINITY;
  const limits = { maxBufferedAmount: infinite, maxProcessBuffered: infinite, idleTimeoutMs: infinite };
  const options = { ...limits, role, handlers, text: "bytes", maxMessageLength, skipUtf8Validation } as const;
  const settings = new ConnectionSettings<Endpoint>(options, tickEnd, nextTurn);
  if (known.size === MOST_KNOWN) known.clear();
  known.set(key, settings);
  return settings;
}

// Those that Node began with: an application's tests may have put a clock of their own in their place.
const { setInterval, clearInterval } = timers;

/** Milliseconds after which a connection that was quiet lets go of what it can do without. */
const REST_MS = 15_000;

const alive = new Set<EndpointConnection>();
let sweeping: NodeJS.Timeout | undefined;

function sweep(): void {
  for (const connection of alive) connection.rest();
}

export class EndpointConnection extends Connection<Endpoint> {
  private readonly manners: Manners;
  private pendingPongs = 0;
  /** Whether a release is under way, behind what a listener has thrown. */
  private isReleaseDue = false;

  constructor(
    settings: ConnectionSettings<Endpoint>,
    transport: Transport,
    endpoint: Endpoint,
    extension: ConnectionExtension | undefined,
    manners: Manners,
  ) {
    super(settings, { transport, context: endpoint, extension });
    this.manners = manners;
    alive.add(this);
    sweeping ??= setInterval(sweep, REST_MS).unref();
  }

  /** Lets go of what an idle connection can do without: nothing ticks this one. */
  rest(): void {
    if (!this.inBatch) this.relax();
  }

  /** Nobody keeps it any more. */
  forget(): void {
    alive.delete(this);
    if (alive.size !== 0) return;
    clearInterval(sweeping);
    sweeping = undefined;
  }

  /** Octets that the transport has not taken. */
  get unsentLength(): number {
    return this.busySender === null ? 0 : this.busySender.unsentLength;
  }

  /**
   * Queues a frame; nothing is asked of its data. §5.5.1: nothing follows a Close.
   *
   * @param first   its header's first octet
   * @param octets  copied, or, from BORROW_LENGTH on in a server, borrowed until `done`
   */
  sendFrame(first: number, data: string | Uint8Array, done: Done | undefined, compress: boolean | undefined): void {
    if (this.state !== ReadyState.OPEN) done?.(notOpenError(this.state));
    else if (typeof data === "string") this.sender.sendText(first, data, done, compress);
    else this.sender.sendOctets(first, data, done, compress);
  }

  /** The same with a frame that is encoded already, header first. */
  sendEncoded(parts: readonly Uint8Array[], done: Done | undefined): void {
    if (this.state === ReadyState.OPEN) this.sender.sendEncoded(parts, done);
    else done?.(notOpenError(this.state));
  }

  override receivedMessage(data: string | Uint8Array, isBinary: boolean): void {
    if (!this.manners.allowSynchronousEvents) {
      this.tellLater(() => this.context._received(data as Buffer, isBinary));
      return;
    }
    try {
      this.context._received(data as Buffer, isBinary);
    } catch (error) {
      this.handlerThrew(error);
    }
  }

  override receivedControl(opcode: number, payload: Uint8Array): void {
    if (opcode !== OPCODE_PING && opcode !== OPCODE_PONG) {
      super.receivedControl(opcode, payload);
      return;
    }
    const event = opcode === OPCODE_PING ? "ping" : "pong";
    if (this.manners.allowSynchronousEvents) this.tellControl(event, payload as Buffer);
    else this.tellLater(() => this.tellControl(event, payload as Buffer));
  }

  private tellControl(event: "ping" | "pong", payload: Buffer): void {
    if (event === "ping") this.answerPing(payload);
    this.context._receivedControl(event, payload);
  }

  /** §5.5.2, unless the application does it. */
  private answerPing(payload: Uint8Array): void {
    const { autoPong, maxPendingAutoPongs } = this.manners;
    if (!autoPong || this.state !== ReadyState.OPEN) return;
    if (maxPendingAutoPongs > 0 && this.pendingPongs >= maxPendingAutoPongs) {
      this.terminate();
      return;
    }
    this.pendingPongs++;
    this.sender.sendOctets(FIN_BIT | OPCODE_PONG, payload, () => {
      this.pendingPongs--;
    });
  }

  /** Tells in a turn of its own; what came behind it waits. */
  private tellLater(tell: () => void): void {
    this.hold();
    setImmediate(() => {
      if (!this.isClosed) this.run(tell);
      this.flush();
      if (!this.isReleaseDue) this.release();
    });
  }

  /** Nothing more is delivered in this turn, or read: a peer that is faster than the turns waits, too. */
  private hold(): void {
    this.gate.hold();
    this.transport?.pause?.();
  }

  private release(): void {
    const isHeldAgain = this.gate.release();
    if (isHeldAgain || this.isPaused || this.isClosed || this.busyReceiver?.yielding === true) return;
    this.transport?.resume?.();
  }

  /** What a listener throws is nobody's to catch. What came behind it waits until whoever hears of such things has heard. */
  override handlerThrew(error: unknown): void {
    process.nextTick(() => {
      throw error;
    });
    if (this.isClosed) return;
    this.hold();
    this.isReleaseDue = true;
    setImmediate(() => {
      this.isReleaseDue = false;
      this.release();
    });
  }

  /** The receiver's turn begins, which is not ours to tell. */
  override turnBegan(): void {
    if (this.knownGate?.isHeld !== true) super.turnBegan();
  }

  protected override answerTo(payload: Uint8Array): Uint8Array {
    return payload;
  }

  protected override get endsFirst(): boolean {
    return true;
  }

  protected override waitForClose(first: "local" | "peer"): ClosingHandshake {
    const closing = super.waitForClose(first);
    this.context._closes();
    return closing;
  }
}
