// pako, zlib in JavaScript, as a provider of streams: for runtimes without a zlib of their own. It is not a dependency: whoever
// uses it brings it, version 3 or later, whose exports include zlib's own functions.

import { wrongOption } from "../options.ts";
import {
  type DeflaterSettings,
  type FlateProvider,
  type FlateStream,
  type Flush,
  makeStep,
  type Stepped,
} from "./flate.ts";

/** zlib's view of a stream. */
interface ZStream {
  input: Uint8Array;
  next_in: number;
  avail_in: number;
  output: Uint8Array;
  next_out: number;
  avail_out: number;
  msg: string;
}

/** The part of pako that is used here; its functions return zlib's status, which is negative for errors. */
export interface Pako {
  readonly ZStream: new () => unknown;
  zlibDeflateInit2(
    stream: never,
    level: number,
    method: number,
    windowBits: number,
    memLevel: number,
    strategy: never,
  ): number;
  zlibDeflate(stream: never, flush: never): number;
  zlibDeflateReset(stream: never): number;
  zlibInflateInit2(stream: never, windowBits: number): number;
  zlibInflate(stream: never, flush: never): number;
  zlibInflateReset(stream: never): number;
}

const pakoNames = [
  "ZStream",
  "zlibDeflateInit2",
  "zlibDeflate",
  "zlibDeflateReset",
  "zlibInflateInit2",
  "zlibInflate",
  "zlibInflateReset",
] as const satisfies readonly (keyof Pako)[];

/** zlib's name for DEFLATE, the only method there is. */
const METHOD_DEFLATE = 8;

/** No progress was possible: no error, unless the stream had to end. */
const BUFFER_ERROR = -5;
const FINISH = 4;

const nothing: Uint8Array = new Uint8Array(0);

class PakoStream implements FlateStream {
  inputLeft = 0;
  outputLeft = 0;
  private readonly stream: ZStream;
  private readonly run: (stream: never, flush: never) => number;
  private readonly restart: (stream: never) => number;

  constructor(stream: ZStream, run: PakoStream["run"], restart: PakoStream["restart"]) {
    this.stream = stream;
    this.run = run;
    this.restart = restart;
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
    const { stream } = this;
    stream.input = input;
    stream.next_in = inputStart;
    stream.avail_in = inputEnd - inputStart;
    stream.output = output;
    stream.next_out = outputStart;
    stream.avail_out = outputEnd - outputStart;
    const status = this.run(stream as never, flush as never);
    this.inputLeft = stream.avail_in;
    this.outputLeft = stream.avail_out;
    stream.input = stream.output = nothing; // they were borrowed
    const isStuck = status === BUFFER_ERROR && flush === FINISH && this.outputLeft !== 0;
    if (isStuck || (status < 0 && status !== BUFFER_ERROR)) {
      throw new Error(stream.msg === "" ? `zlib's status ${status}` : stream.msg);
    }
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
    const step = (): void => this.step(input, inputStart, inputEnd, flush, output, outputStart, outputEnd);
    setTimeout(() => makeStep(step, done), 0);
  }

  reset(): void {
    this.restart(this.stream as never);
  }

  close(): void {
    // The collector has it.
  }
}

/** Checks what zlib says of its settings. */
function checked(status: number): void {
  if (status !== 0) throw new Error(`pako refuses its settings: status ${status}`);
}

/**
 * A provider that compresses with pako: `perMessageDeflate: { provider: pakoProvider(pako) }`. It runs where JavaScript does, at
 * a fraction of a native zlib's speed; what is long is done in tasks of their own, on the same thread.
 *
 * @param pako  the module, version 3 or later: `import * as pako from "pako"`
 * @throws      UsageError for anything else
 */
export function pakoProvider(pako: Pako): FlateProvider {
  for (const name of pakoNames) {
    if (typeof pako?.[name] !== "function")
      throw wrongOption("pako", `the module of version 3 or later, with ${name}`, pako);
  }
  return {
    createDeflater({ windowBits, level, memLevel, strategy }: DeflaterSettings): FlateStream {
      const stream = new pako.ZStream() as ZStream;
      // Raw streams have negative bits.
      const bits = -windowBits;
      checked(pako.zlibDeflateInit2(stream as never, level, METHOD_DEFLATE, bits, memLevel, strategy as never));
      return new PakoStream(stream, pako.zlibDeflate, pako.zlibDeflateReset);
    },
    createInflater({ windowBits }): FlateStream {
      const stream = new pako.ZStream() as ZStream;
      checked(pako.zlibInflateInit2(stream as never, -windowBits));
      return new PakoStream(stream, pako.zlibInflate, pako.zlibInflateReset);
    },
  };
}
