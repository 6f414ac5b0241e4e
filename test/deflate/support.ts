// What the tests of permessage-deflate share: compressed payloads that zlib makes without a line of the code under test,
// providers of three kinds, each watched for misuse, and an endpoint with the extension.

import { constants } from "node:zlib";
import * as pako from "pako";
import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import type { ConnectionExtension } from "../../bindings/connection/extension.ts";
import type { ConnectionHandlers, SettingsOptions } from "../../bindings/connection/settings.ts";
import type { DeflaterSettings, FlateProvider, FlateStream, Flush, Stepped } from "../../bindings/deflate/flate.ts";
import type { DeflateOptions } from "../../bindings/deflate/options.ts";
import { pakoProvider } from "../../bindings/deflate/pako.ts";
import { PerMessageDeflate } from "../../bindings/deflate/permessage-deflate.ts";
import { type Extension, parseExtensions } from "../../bindings/handshake/index.ts";
import { zlibProvider, zlibStreams } from "../../bindings/runtime/zlib.ts";
import { type Endpoint, endpoint, type Shell } from "../connection/support.ts";
import { concat, utf8 } from "../support/octets.ts";
import { deflateRawSync, inflateRawSync } from "../support/raw-deflate.ts";

export const RSV1 = 4;

/** What a peer sends for a message: without the tail of a flush. RFC 7692 §7.2.1 */
export function deflated(
  payload: string | Uint8Array,
  { before, windowBits = 15, level = 6 }: { before?: Uint8Array; windowBits?: number; level?: number } = {},
): Uint8Array<ArrayBuffer> {
  const octets = typeof payload === "string" ? utf8(payload) : payload;
  const finishFlush = constants.Z_SYNC_FLUSH;
  const dictionary = before === undefined || before.length === 0 ? undefined : before.subarray(-(2 ** windowBits));
  const stream = deflateRawSync(octets, { finishFlush, windowBits, level, ...(dictionary && { dictionary }) });
  return Uint8Array.from(stream.subarray(0, -4));
}

/** The same with that tail: a fragment that is not the last. */
export function flushed(...args: Parameters<typeof deflated>): Uint8Array<ArrayBuffer> {
  return concat(deflated(...args), Uint8Array.of(0, 0, 0xff, 0xff));
}

/** The same ended by a final block, and the octet that has to follow it. RFC 7692 §7.2.3.4 */
export function deflatedWhole(payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return concat(deflateRawSync(typeof payload === "string" ? utf8(payload) : payload), Uint8Array.of(0));
}

/** Octets that do not get smaller, the same in every run. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(length);
  let state = 0x7692;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    octets[at] = state >>> 24;
  }
  return octets;
}

/** Text of `length` ASCII characters that gets much smaller, and not to nothing. */
export function words(length: number): string {
  let text = "";
  for (let count = 0; text.length < length; count++) text += `line ${count} of a text; `;
  return text.slice(0, length);
}

type StepArguments = [Uint8Array, number, number, Flush, Uint8Array, number, number];

/** A stream whose steps are counted, and whose use after `close`, or during a step, is a fault. */
class WatchedStream implements FlateStream {
  isClosed = false;
  resetCount = 0;
  stepCount = 0;
  private isStepping = false;
  private readonly inner: FlateStream;
  private readonly watch: Watched;
  readonly step: FlateStream["step"];

  constructor(inner: FlateStream, watch: Watched) {
    this.inner = inner;
    this.watch = watch;
    const { step } = inner;
    this.step =
      step === null
        ? null
        : (...args) => {
            this.used("step");
            this.stepCount++;
            step.apply(inner, args);
          };
  }

  get inputLeft(): number {
    return this.inner.inputLeft;
  }

  get outputLeft(): number {
    return this.inner.outputLeft;
  }

  stepLater(...args: [...StepArguments, Stepped]): void {
    this.used("stepLater");
    this.stepCount++;
    this.isStepping = true;
    this.watch.pending++;
    const done = args.pop() as Stepped;
    this.inner.stepLater(...(args as unknown as StepArguments), (error) => {
      this.isStepping = false;
      this.watch.pending--;
      done(error);
    });
  }

  reset(): void {
    this.used("reset");
    this.resetCount++;
    this.inner.reset();
  }

  close(): void {
    this.used("close");
    this.isClosed = true;
    this.inner.close();
  }

  private used(how: string): void {
    if (this.isClosed) this.watch.faults.push(`${how} after close`);
    if (this.isStepping) this.watch.faults.push(`${how} during a step`);
  }
}

/** A provider that passes on what another does, and remembers. */
export class Watched implements FlateProvider {
  readonly deflaters: WatchedStream[] = [];
  readonly inflaters: WatchedStream[] = [];
  readonly settings: DeflaterSettings[] = [];
  readonly inflaterBits: number[] = [];
  readonly faults: string[] = [];
  /** Steps elsewhere that are under way. */
  pending = 0;
  private readonly inner: FlateProvider;

  constructor(inner: FlateProvider) {
    this.inner = inner;
  }

  createDeflater(settings: DeflaterSettings): FlateStream {
    const stream = new WatchedStream(this.inner.createDeflater(settings), this);
    this.deflaters.push(stream);
    this.settings.push(settings);
    return stream;
  }

  createInflater(settings: Pick<DeflaterSettings, "windowBits">): FlateStream {
    const stream = new WatchedStream(this.inner.createInflater(settings), this);
    this.inflaters.push(stream);
    this.inflaterBits.push(settings.windowBits);
    return stream;
  }

  /** Streams that nobody closed. */
  get openCount(): number {
    return [...this.deflaters, ...this.inflaters].filter(({ isClosed }) => !isClosed).length;
  }

  /** Waits until no step is under way. */
  async quiet(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.pending !== 0);
  }

  /** Fails for a stream that was misused, or left open beyond the `kept`. */
  check(kept = 0): void {
    assert.equal(this.faults, []);
    assert.is(this.openCount, kept, "streams left open");
  }
}

/** A stream that does in the next turn of the event loop what another does at once. */
class LateStream implements FlateStream {
  readonly step = null;
  inputLeft = 0;
  outputLeft = 0;
  private readonly inner: FlateStream;

  constructor(inner: FlateStream) {
    this.inner = inner;
  }

  stepLater(...args: [...StepArguments, Stepped]): void {
    const done = args.pop() as Stepped;
    setImmediate(() => {
      try {
        this.inner.step!(...(args as unknown as StepArguments));
      } catch (error) {
        done(error);
        return;
      }
      this.inputLeft = this.inner.inputLeft;
      this.outputLeft = this.inner.outputLeft;
      done();
    });
  }

  reset(): void {
    this.inner.reset();
  }

  close(): void {
    this.inner.close();
  }
}

const late: FlateProvider = {
  createDeflater: (settings) => new LateStream(zlibProvider().createDeflater(settings)),
  createInflater: (settings) => new LateStream(zlibProvider().createInflater(settings)),
};

/** A way of deflating under test. */
export interface ProviderUnderTest {
  readonly label: "handles" | "streams" | "late" | "pako";
  /** Whether small steps are made before `receive` and `send` return. */
  readonly isImmediate: boolean;
  make(): Watched;
}

/** zlib by its handles; by Node's public streams; by its handles, but never at once; in JavaScript. */
export const providers: readonly ProviderUnderTest[] = [
  { label: "handles", isImmediate: true, make: () => new Watched(zlibProvider()) },
  { label: "streams", isImmediate: false, make: () => new Watched(zlibStreams) },
  { label: "late", isImmediate: false, make: () => new Watched(late) },
  { label: "pako", isImmediate: true, make: () => new Watched(pakoProvider(pako)) },
];

type Options = Partial<Omit<SettingsOptions<Connection>, "handlers" | "now">>;

/** How an endpoint compresses, and what was agreed on. */
export interface Deflation extends Omit<DeflateOptions, "provider"> {
  /** As in Sec-WebSocket-Extensions: what the other end offers, or what it answers; default no parameters. */
  readonly parameters?: string;
}

export interface DeflateEndpoint extends Endpoint {
  readonly provider: Watched;
  /** A compressed message, or the first fragment of one. */
  compressed(opcode: number, payload: Uint8Array, fin?: boolean): Uint8Array<ArrayBuffer>;
  /** Receives chunks, and waits for what is inflated elsewhere after each. */
  hear(...chunks: readonly Uint8Array[]): Promise<void>;
}

/** An endpoint whose messages may be compressed: as `endpoint`. */
export function deflateEndpoint(
  provider: Watched,
  deflation: Deflation = {},
  options: Options = {},
  handlers: ConnectionHandlers<Connection> = {},
  shell: Omit<Shell, "extension"> = {},
): DeflateEndpoint {
  const { parameters = "", ...deflate } = deflation;
  const extension = extensionOf(new PerMessageDeflate({ ...deflate, provider }), options.role ?? "server", parameters);
  const made = endpoint(options, handlers, { ...shell, extension });
  return {
    ...made,
    provider,
    compressed: (opcode, payload, fin = true) => made.peer.frame(opcode, payload, { rsv: RSV1, fin }),
    async hear(...chunks) {
      for (const chunk of chunks) {
        made.connection.receive(chunk);
        if (provider.pending !== 0) await provider.quiet();
      }
      await provider.quiet();
    },
  };
}

/** The extension of a connection whose other end offered, or answered, `parameters`. */
export function extensionOf(
  deflate: PerMessageDeflate,
  role: "server" | "client",
  parameters = "",
): ConnectionExtension {
  const said: Extension[] = parseExtensions(`permessage-deflate${parameters}`);
  const extension = role === "client" ? deflate.forClient(said) : deflate.forServer(deflate.negotiate(said));
  if (extension === undefined) throw new Error(`declined: ${parameters}`);
  return extension;
}

/** A message as a peer reads it. */
export interface ReadMessage {
  readonly opcode: number;
  readonly isCompressed: boolean;
  readonly wireLength: number;
  readonly payload: Uint8Array;
}

/**
 * The messages that an endpoint sent, each in one frame, inflated with the context that the others before it left. It takes a
 * context that began anew as well as one that goes on: what was sent before is no more than a dictionary. RFC 7692 §7.2.2
 */
export function inflatedBy({ transport, peer }: Endpoint, windowBits = 15): ReadMessage[] {
  let before: Buffer = Buffer.alloc(0);
  return framesOf(transport.octets, peer.role === "client").map(({ opcode, rsv, payload }) => {
    const isCompressed = rsv === RSV1;
    if (!isCompressed) return { opcode, isCompressed, wireLength: payload.length, payload };
    const dictionary = before.subarray(-(2 ** windowBits));
    const inflated = inflateRawSync(concat(payload, Uint8Array.of(0, 0, 0xff, 0xff)), {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits,
      ...(dictionary.length === 0 ? {} : { dictionary }),
    });
    before = Buffer.concat([before, inflated]);
    return { opcode, isCompressed, wireLength: payload.length, payload: inflated };
  });
}

interface Frame {
  readonly opcode: number;
  readonly rsv: number;
  readonly payload: Uint8Array;
}

/** Frames of whole messages and control frames. RFC 6455 §5.2 */
export function framesOf(octets: Uint8Array, isMasked: boolean): Frame[] {
  const frames: Frame[] = [];
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  for (let at = 0; at < octets.length; ) {
    const [first, second] = [octets[at]!, octets[at + 1]!];
    assert.is(second > 127, isMasked);
    const short = second & 127;
    const keyAt = at + (short === 126 ? 4 : short === 127 ? 10 : 2);
    const length = short === 126 ? view.getUint16(at + 2) : short === 127 ? Number(view.getBigUint64(at + 2)) : short;
    const start = keyAt + (isMasked ? 4 : 0);
    const payload = octets.slice(start, start + length);
    assert.is(payload.length, length, "a whole frame");
    if (isMasked) for (let index = 0; index < length; index++) payload[index]! ^= octets[keyAt + (index & 3)]!;
    frames.push({ opcode: first & 15, rsv: (first >> 4) & 7, payload });
    at = start + length;
  }
  return frames;
}
