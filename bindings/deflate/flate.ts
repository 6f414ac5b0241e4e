// The seam where a deflater is injected: raw DEFLATE streams (RFC 1951), a step at a time, as zlib has them. A step goes on
// until its input or its output is used up. node/zlib.ts has Node's zlib; pako.ts a zlib in JavaScript, for any runtime.

/** What a step does when its input ends. */
export const Flush = {
  /** All output is given, and ends with an empty block: 00 00 ff ff. */
  Sync: 2,
  /** The stream must end there, with a final block. */
  Finish: 4,
} as const;
export type Flush = (typeof Flush)[keyof typeof Flush];

/** Called when a step is done, with the error that it failed of. */
export type Stepped = (error?: unknown) => void;

/** Makes a step that was put off, and tells what came of it. */
export function makeStep(step: () => void, done: Stepped): void {
  try {
    step();
  } catch (error) {
    done(error);
    return;
  }
  done();
}

/** One stream in one direction. One step at a time. */
export interface FlateStream {
  /** What the last step left of its input and of its output, octets. Where no output is left there may be more: step again. */
  readonly inputLeft: number;
  readonly outputLeft: number;
  /**
   * Makes a step before it returns; null where there is no such way. An inflater that leaves input, and output, has met a
   * final block.
   *
   * @param input   read from `inputStart` to `inputEnd`; borrowed until this returns
   * @param output  written from `outputStart` to `outputEnd`
   * @throws        for input that is no DEFLATE stream: only `reset` and `close` may follow
   */
  readonly step:
    | ((
        input: Uint8Array,
        inputStart: number,
        inputEnd: number,
        flush: Flush,
        output: Uint8Array,
        outputStart: number,
        outputEnd: number,
      ) => void)
    | null;
  /** The same elsewhere: both arrays are borrowed until `done` is called, from the event loop. */
  stepLater(
    input: Uint8Array,
    inputStart: number,
    inputEnd: number,
    flush: Flush,
    output: Uint8Array,
    outputStart: number,
    outputEnd: number,
    done: Stepped,
  ): void;
  /** Begins a new stream with the same settings. */
  reset(): void;
  /** Gives its memory back, once a step under way is done. Nothing may follow. */
  close(): void;
}

/** What a deflater is made with; the numbers are zlib's. */
export interface DeflaterSettings {
  /** Logarithm of the octets that matches may lie back: 9 to 15. */
  readonly windowBits: number;
  /** 0 (none) to 9, or -1 for the default, 6. */
  readonly level: number;
  /** 1 to 9: 2 to its power times 512 octets are what a deflater takes besides its window. */
  readonly memLevel: number;
  /** 0 default, 1 filtered, 2 Huffman only, 3 run lengths, 4 fixed codes. */
  readonly strategy: number;
}

/** Makes streams. */
export interface FlateProvider {
  createDeflater(settings: DeflaterSettings): FlateStream;
  createInflater(settings: Pick<DeflaterSettings, "windowBits">): FlateStream;
}
