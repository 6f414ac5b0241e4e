// What an application sees, as lines of text: one list for each actor of a scenario. The order of lines is compared within
// an actor only; between two ends of a connection there is none that an application may count on.

import { createHash } from "node:crypto";
import { toHex } from "../support/octets.ts";
import { unified } from "./wordings.ts";

export type Transcript = Record<string, string[]>;

/** Writes a line of an actor: its values, one after the other. */
export type Log = (actor: string, ...values: readonly unknown[]) => void;

const SHOWN_LENGTH = 64;
const SHOWN_TEXT_LENGTH = 300;

/** Octets as hex; of many, how many there are and their digest. */
export function showOctets(octets: Uint8Array): string {
  if (octets.length <= SHOWN_LENGTH) return toHex(octets);
  return `${octets.length} octets, ${createHash("sha1").update(octets).digest("hex").slice(0, 12)}`;
}

/** An error by its class and code: what it says is logged where programs depend on it. */
function showError(error: Error): string {
  const { code } = error as { code?: unknown };
  return code === undefined ? error.constructor.name : `${error.constructor.name} ${code}`;
}

/** A value and, for octets, what kind of object holds them. */
export function show(value: unknown): string {
  if (typeof value === "string")
    return value.length > SHOWN_TEXT_LENGTH ? `string ${showOctets(Buffer.from(value))}` : JSON.stringify(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "symbol" || typeof value === "bigint") return String(value);
  if (value === undefined) return "undefined";
  if (value instanceof Error) return showError(value);
  if (Buffer.isBuffer(value)) return `Buffer(${showOctets(value)})`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${showOctets(new Uint8Array(value))})`;
  if (ArrayBuffer.isView(value)) {
    const octets = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name}(${showOctets(octets)})`;
  }
  if (value instanceof Blob) return `Blob of ${value.size}`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (value instanceof Set) return `Set ${show([...value])}`;
  if (typeof value === "object" && value !== null) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null)
      return `{${Object.keys(value)
        .sort()
        .map((key) => ` ${key}: ${show((value as Record<string, unknown>)[key])}`)} }`;
    return `a ${value.constructor.name}`;
  }
  return String(value);
}

/** A transcript and the function that writes it: the first word of a line is taken as it is. */
export function newTranscript(): { readonly transcript: Transcript; readonly log: Log } {
  const transcript: Transcript = {};
  const log: Log = (actor, ...values) => {
    const words = values.map((value, index) => (index === 0 && typeof value === "string" ? value : show(value)));
    transcript[actor] ??= [];
    transcript[actor].push(unified(words.join(" ")));
  };
  return { transcript, log };
}

/** A transcript to be read in a failure. */
export function written(transcript: Transcript): string {
  return Object.keys(transcript)
    .sort()
    .map((actor) => [`${actor}:`, ...transcript[actor]!.map((line) => `  ${line}`)].join("\n"))
    .join("\n");
}
