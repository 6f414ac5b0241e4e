// The messages of a case of 12.* or 13.*: slices of a file, one after the other, from its start again behind its end.

import type { Compression, Script } from "../case.ts";
import { Deflater } from "./codec.ts";
import { type CorpusName, corpusOf } from "./corpora.ts";
import type { Direction } from "./negotiation.ts";

/** A file in units: octets, or code points in text. */
class Slices {
  private readonly octets: Uint8Array;
  /** Where each unit starts, and the end; null where units are octets. */
  private readonly starts: Uint32Array | null;
  private next = 0;

  constructor(corpus: CorpusName, isText: boolean) {
    this.octets = corpusOf(corpus);
    this.starts = isText ? startsIn(corpus) : null;
  }

  /** The next `length` units. */
  take(length: number): Uint8Array {
    const count = this.starts === null ? this.octets.length : this.starts.length - 1;
    const end = this.next + length;
    const slice =
      end <= count
        ? this.slice(this.next, end)
        : Buffer.concat([this.slice(this.next, count), this.slice(0, end - count)]);
    this.next = end % count;
    return slice;
  }

  private slice(from: number, to: number): Uint8Array {
    const { octets, starts } = this;
    return starts === null ? octets.subarray(from, to) : octets.subarray(starts[from], starts[to]);
  }
}

const knownStarts = new Map<CorpusName, Uint32Array>();

/** Where the code points of a text start, and its end. */
function startsIn(corpus: CorpusName): Uint32Array {
  const known = knownStarts.get(corpus);
  if (known !== undefined) return known;
  const octets = corpusOf(corpus);
  const starts: number[] = [];
  for (let at = 0; at < octets.length; at++) if ((octets[at]! & 0xc0) !== 0x80) starts.push(at);
  starts.push(octets.length);
  const found = Uint32Array.from(starts);
  knownStarts.set(corpus, found);
  return found;
}

/** What a case sends and gets, round by round. */
export class Messages {
  private readonly compression: Compression;
  private readonly slices: Slices;
  private readonly deflater: Deflater;

  constructor(compression: Compression, direction: Direction) {
    const { corpus, kind } = compression;
    this.compression = compression;
    this.slices = new Slices(corpus, kind === "text");
    this.deflater = new Deflater(direction);
  }

  /** The next message, compressed, and its echo. */
  next(): Script {
    const { kind, messageLength, fragmentLength } = this.compression;
    const payload = this.slices.take(messageLength);
    const message = { opcode: kind === "text" ? 1 : 2, rsv: 4, payload: this.deflater.compress(payload) };
    return {
      steps: [fragmentLength === null ? { frame: message } : { message, fragmentLength }],
      ok: [{ kind, payload }],
    };
  }
}
