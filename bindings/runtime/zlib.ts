// Node's zlib as a provider of streams: by its handles where they are known, on Node 20 to 26, Bun and Deno, and a first message
// comes back as it went in; elsewhere by Node's streams.

import type { DeflaterSettings, FlateProvider, FlateStream } from "../deflate/flate.ts";
import { Flush } from "../deflate/flate.ts";
import { borrowedHandle, type Direction, type Handle, HandleStream, ownHandle } from "./zlib-handle.ts";
import { ZlibStream } from "./zlib-stream.ts";

type MakeStream = (direction: Direction, settings: DeflaterSettings) => FlateStream;

const viaHandles =
  (make: (direction: Direction, settings: DeflaterSettings) => Handle): MakeStream =>
  (direction, settings) =>
    new HandleStream(make(direction, settings));

const viaStreams: MakeStream = (direction, settings) => new ZlibStream(direction, settings);

/** Node's majors whose handles are known. */
const KNOWN_NODE = { first: 20, last: 26 } as const;

/** The handles that this runtime may have; null where none are known. */
export function knownHandles({ node, bun, deno }: NodeJS.ProcessVersions): MakeStream | null {
  if (deno !== undefined) return viaHandles(borrowedHandle);
  const major = Number.parseInt(node, 10);
  const isKnown = bun !== undefined || (major >= KNOWN_NODE.first && major <= KNOWN_NODE.last);
  return isKnown ? viaHandles(ownHandle) : null;
}

/** What inflation needs of a deflater's settings, and what else a handle asks for. */
const inflaterSettings = { level: 6, memLevel: 8, strategy: 0 } as const;

/** Whether a message goes through a pair of streams and back, twice, with its context, and bad input is told. */
export function passesTrial(make: MakeStream): boolean {
  try {
    const settings = { ...inflaterSettings, windowBits: 9 };
    const deflater = make("deflate", settings);
    const inflater = make("inflate", settings);
    const message = Buffer.from("a first message, a first message");
    const compressed = Buffer.alloc(64);
    const inflated = Buffer.alloc(64);
    let isRight = true;
    for (const most of [message.length, 16]) {
      deflater.step!(message, 0, message.length, Flush.Sync, compressed, 1, 64);
      const length = 63 - deflater.outputLeft;
      inflater.step!(compressed, 1, 1 + length, Flush.Sync, inflated, 2, 64);
      const isWhole = inflated.subarray(2, 64 - inflater.outputLeft).equals(message);
      isRight &&= length <= most && deflater.inputLeft === 0 && inflater.inputLeft === 0 && isWhole;
    }
    isRight &&= refuses(inflater);
    deflater.close();
    inflater.close();
    return isRight;
  } catch {
    return false;
  }
}

function refuses(inflater: FlateStream): boolean {
  try {
    inflater.step!(Buffer.from([0xff, 0xff]), 0, 2, Flush.Sync, Buffer.alloc(8), 0, 8);
    return false;
  } catch {
    return true;
  }
}

const providerOf = (make: MakeStream): FlateProvider => ({
  createDeflater: (settings) => make("deflate", settings),
  createInflater: ({ windowBits }) => make("inflate", { ...inflaterSettings, windowBits }),
});

/** By streams alone, whose every message goes over the thread pool. */
export const zlibStreams: FlateProvider = providerOf(viaStreams);

let chosen: FlateProvider | null = null;

/** The provider for this runtime, tried out the first time. */
export function zlibProvider(): FlateProvider {
  if (chosen === null) {
    const handles = knownHandles(process.versions);
    chosen = handles !== null && passesTrial(handles) ? providerOf(handles) : zlibStreams;
  }
  return chosen;
}
