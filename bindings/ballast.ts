// Garbage for V8's young generation, to have it collected in time. A message of 16 KiB is an ArrayBuffer: 16 KiB that V8 counts
// as external memory, and 200 octets of its heap. An echo makes little other garbage, so from V8 13 on external memory reaches
// its limit before the young generation is full, and V8 marks everything, with all its threads, 18 times a second. With half an octet
// of garbage an octet the young generation is collected first, which frees the same memory: a binary echo on Node 26 costs
// 10.1 us instead of 16.0 at 16,000 octets, 70 instead of 84 at 120,000, 204 instead of 294 at 400,000; from 1 MiB on nothing.
// V8 12 and before need none, and pay for it.

/** Octets of an ArrayBuffer from which, and up to which, it gets ballast: at 3,000 it changes nothing, at 1 MiB it costs. */
const LEAST_LENGTH = 4096;
const MOST_LENGTH = 524288;

/** Octets of an ArrayBuffer for each element of 8 octets. */
const LENGTH_PER_ELEMENT = 16;

/** Elements of one array: a larger one would not go to the young generation. */
const MOST_ELEMENTS = 8192;

/** Where the last piece goes, so that no compiler finds it unused. */
export let lastPiece: unknown;

/** The first major version of V8 that needs ballast. */
const FIRST_VERSION = 13;

/** Whether a platform's ArrayBuffers need ballast, by its versions: Node's do; Deno's and Bun's were not measured. */
export function needsBallast({ node, v8, deno, bun }: Readonly<Record<string, string | undefined>>): boolean {
  return (
    node !== undefined && deno === undefined && bun === undefined && Number.parseInt(v8 ?? "", 10) >= FIRST_VERSION
  );
}

/** Makes the garbage that goes with an ArrayBuffer of `length` octets. */
export function addBallast(length: number): void {
  if (length < LEAST_LENGTH || length > MOST_LENGTH) return;
  for (let left = length / LENGTH_PER_ELEMENT; left > 0; left -= MOST_ELEMENTS) {
    lastPiece = new Array(Math.min(left | 0, MOST_ELEMENTS));
  }
}
