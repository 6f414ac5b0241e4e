// A stream of zlib's by its handle, which Node's own streams are made of. Its `writeSync` takes about a microsecond, where a
// stream's way over the thread pool takes 40 to 130. It is not public: zlib.ts says where it is used.

import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { type DeflaterSettings, type FlateStream, type Flush, makeStep, type Stepped } from "../deflate/flate.ts";
import { nextTurn } from "./later.ts";

type StepArguments = [
  flush: number,
  input: Uint8Array,
  inputStart: number,
  inputLength: number,
  output: Uint8Array,
  outputStart: number,
  outputLength: number,
];

/** The part of a handle that is used here. */
interface ZlibHandle {
  onerror: ((this: ZlibHandle, message: string, errno: number, code: string) => void) | null;
  /** Ours: whose it is. */
  owner?: HandleStream;
  init(
    windowBits: number,
    level: number,
    memLevel: number,
    strategy: number,
    writeState: Uint32Array,
    processCallback: (this: ZlibHandle) => void,
    dictionary: undefined,
  ): void;
  write(...step: StepArguments): void;
  writeSync(...step: StepArguments): void;
  reset(): void;
  close(): void;
}

/** A handle, and where it writes what a step left: output, input. */
export interface Handle {
  readonly handle: ZlibHandle;
  readonly state: Uint32Array;
  /** Whether its `write` works on a thread of the pool, and calls us back. */
  readonly hasPool: boolean;
}

/** Every handle made here writes its state to this: it is read before another one steps, and a step of the pool writes at its end. */
const sharedState = new Uint32Array(2);

/** Where every handle tells that a step of the pool is done. */
function onstepped(this: ZlibHandle): void {
  this.owner?.stepped();
}

function onerror(this: ZlibHandle, message: string, _errno: number, code: string): void {
  this.owner?.failed(Object.assign(new Error(message), { code }));
}

export class HandleStream implements FlateStream {
  inputLeft = 0;
  outputLeft = 0;
  private readonly handle: ZlibHandle;
  private readonly state: Uint32Array;
  private readonly hasPool: boolean;
  private failure: Error | null = null;
  private done: Stepped | null = null;

  constructor({ handle, state, hasPool }: Handle) {
    this.handle = handle;
    this.state = state;
    this.hasPool = hasPool;
    handle.owner = this;
    handle.onerror = onerror;
  }

  step(
    input: Uint8Array,
    inputStart: number,
    inputEnd: number,
    flush: Flush,
    output: Uint8Array,
    outputStart: number,
    outputEnd: number,
  ): void {
    this.failure = null;
    const { handle } = this;
    handle.writeSync(flush, input, inputStart, inputEnd - inputStart, output, outputStart, outputEnd - outputStart);
    if (this.failure !== null) throw this.failure;
    this.readState();
  }

  stepLater(
    input: Uint8Array,
    inputStart: number,
    inputEnd: number,
    flush: Flush,
    output: Uint8Array,
    outputStart: number,
    outputEnd: number,
    done: Stepped,
  ): void {
    if (this.hasPool) {
      this.done = done;
      const { handle } = this;
      handle.write(flush, input, inputStart, inputEnd - inputStart, output, outputStart, outputEnd - outputStart);
      return;
    }
    const step = (): void => this.step(input, inputStart, inputEnd, flush, output, outputStart, outputEnd);
    nextTurn.add({ goOn: () => makeStep(step, done) });
  }

  reset(): void {
    this.handle.reset();
  }

  close(): void {
    this.handle.close();
  }

  /** A step of the pool is done. */
  stepped(error?: Error): void {
    const { done } = this;
    if (done === null) return;
    this.done = null;
    if (error === undefined) this.readState();
    done(error);
  }

  failed(error: Error): void {
    if (this.done === null) this.failure = error;
    else this.stepped(error);
  }

  private readState(): void {
    this.outputLeft = this.state[0]!;
    this.inputLeft = this.state[1]!;
  }
}

export type Direction = "deflate" | "inflate";

type HandleClass = new (mode: number) => ZlibHandle;

let handleClass: HandleClass | null = null;

/** The inside of a stream of Node's. */
interface Inside {
  readonly _handle: ZlibHandle;
  readonly _writeState: Uint32Array;
}

/** A handle as Node's own streams make theirs. What it is given must be right: Node ends the process for what is not. */
export function ownHandle(direction: Direction, { windowBits, level, memLevel, strategy }: DeflaterSettings): Handle {
  if (handleClass === null) {
    const probe = createInflateRaw();
    handleClass = (probe as unknown as Inside)._handle.constructor as HandleClass;
    probe.close();
  }
  const handle = new handleClass(direction === "deflate" ? constants.DEFLATERAW : constants.INFLATERAW);
  handle.init(windowBits, level, memLevel, strategy, sharedState, onstepped, undefined);
  return { handle, state: sharedState, hasPool: true };
}

/** The handle of a stream of Node's, which it keeps alive. */
export function borrowedHandle(direction: Direction, settings: DeflaterSettings): Handle {
  const stream = direction === "deflate" ? createDeflateRaw(settings) : createInflateRaw(settings);
  const { _handle: handle, _writeState: state } = stream as unknown as Inside;
  return { handle, state, hasPool: false };
}
