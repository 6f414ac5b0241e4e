// Two judges of validateUtf8: for a module, the compiled loop of judge/ over the module's own memory; for any kernel, the
// same loop in JavaScript. Both say how often the kernel and an automaton disagree, and where first.

import { readFileSync } from "node:fs";
import type { Kernel } from "../../bindings/kernel/kernel.ts";
import { moduleBase64 } from "../../bindings/kernel/module.ts";
import { createScalarKernel } from "../../bindings/kernel/scalar.ts";
import { POISON, toHex } from "../support/octets.ts";
import { type Automaton, automaton, COMPLETE, stateAfter } from "../support/table-3-7.ts";
import { nonAsciiAfter, nonAsciiBefore } from "../support/utf8.ts";

/** Where a sequence of four octets stands in its text. */
export interface Position {
  /** Octets before it and after it. */
  readonly before: number;
  readonly after: number;
}

/** Some sequences in one position. */
export interface Part extends Position {
  /** The first sequence, its first octet in the high 8 bits; and the last one, itself judged. */
  readonly from: number;
  readonly last: number;
}

/** What a judge found. */
export interface Findings {
  readonly sequences: number;
  readonly disagreements: number;
  /** The first of them, in words. */
  readonly examples: readonly string[];
}

export type Judge = (part: Part) => Findings;

const EXAMPLE_COUNT = 4;

/** Puts the text into a kernel's scratch region, with octets around it that would be taken for continuations. */
function placeText(octets: Uint8Array, scratchPtr: number, position: Position): number {
  const ptr = scratchPtr + 64;
  const { before, after } = position;
  octets.fill(POISON, scratchPtr, ptr + before + 4 + after + 64);
  octets.set(nonAsciiBefore(before), ptr);
  octets.set(nonAsciiAfter(after), ptr + before + 4);
  return ptr;
}

function example({ before, after }: Position, sequence: number, found: number): string {
  const octets = Uint8Array.of(sequence >>> 24, sequence >>> 16, sequence >>> 8, sequence);
  const state = found === 0 ? "complete" : found === -1 ? "invalid" : `unfinished, ${found.toString(16)}`;
  return `${toHex(octets)} with ${before} octets before it and ${after} after it is said to be ${state}`;
}

/** What validateUtf8 is to return of a text that is in `state` after the sequence. */
function wordsAtEnd({ after }: Position, expected: Automaton): Int32Array {
  const rest = nonAsciiAfter(after);
  return expected.words.map((_, state) => expected.words[stateAfter(rest, state, expected)]!);
}

type JudgeExport = (...words: readonly number[]) => number;
type Validate = (ptr: number, length: number, state: number) => number;

/**
 * Judges the module that is shipped, by the compiled loop.
 *
 * @param expected  what is right
 * @param between   stands between the loop and the module's function: tests put faults there
 */
export function moduleJudge(
  expected: Automaton = automaton,
  between: (real: Validate) => Validate = (real) => real,
): Judge {
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(Uint8Array.from(atob(moduleBase64), (character) => character.charCodeAt(0))),
    {},
  );
  const address = (name: string): number => (exports[name] as WebAssembly.Global).value as number;
  const memory = exports.memory as WebAssembly.Memory;
  const octets = new Uint8Array(memory.buffer);
  // What follows the scratch region is free: see assembly/memory.ts.
  const next = address("SCRATCH_PTR") + address("SCRATCH_CAPACITY") + 4096;
  const words = next + expected.next.length;
  const examples = words + 8 * expected.stateCount;
  octets.set(expected.next, next);
  new Int32Array(memory.buffer).set(expected.words, words / 4);
  const driver = new WebAssembly.Instance(
    new WebAssembly.Module(readFileSync(new URL("../../module/judge.wasm", import.meta.url))),
    { env: { memory }, wsimd: { validateUtf8: between(exports.validateUtf8 as Validate) } },
  );
  const judge = driver.exports.judge as JudgeExport;

  return (part) => {
    const { before, after, from, last } = part;
    const ptr = placeText(octets, address("SCRATCH_PTR"), part);
    const length = before + 4 + after;
    const { stateCount } = expected;
    const disagreements =
      judge(ptr, length, before, from, last, next, words, stateCount, examples, EXAMPLE_COUNT) >>> 0;
    const shown = new DataView(memory.buffer, examples);
    const count = Math.min(disagreements, EXAMPLE_COUNT);
    return {
      sequences: last - from + 1,
      disagreements,
      examples: Array.from({ length: count }, (_, index) =>
        example(part, shown.getUint32(index * 8, true), shown.getInt32(index * 8 + 4, true)),
      ),
    };
  };
}

/** Judges a kernel, the scalar one where none is given, by a loop in JavaScript. */
export function scriptJudge(expected: Automaton = automaton, kernel: Kernel = createScalarKernel()): Judge {
  const { octets, scratchPtr } = kernel;
  const { next } = expected;

  return (part) => {
    const { before, after, from, last } = part;
    const ptr = placeText(octets, scratchPtr, part);
    const place = ptr + before;
    const length = before + 4 + after;
    const start = stateAfter(nonAsciiBefore(before), COMPLETE, expected);
    const words = wordsAtEnd(part, expected);
    const examples: string[] = [];
    let disagreements = 0;
    let afterThree = 0;
    for (let sequence = from; sequence <= last; sequence++) {
      octets[place + 3] = sequence & 0xff;
      if (sequence === from || (sequence & 0xff) === 0) {
        octets[place] = sequence >>> 24;
        octets[place + 1] = sequence >>> 16;
        octets[place + 2] = sequence >>> 8;
        afterThree = stateAfter(octets.subarray(place, place + 3), start, expected) << 8;
      }
      const found = kernel.validateUtf8(ptr, length, 0);
      if (found === words[next[afterThree + (sequence & 0xff)]!]) continue;
      disagreements++;
      if (examples.length < EXAMPLE_COUNT) examples.push(example(part, sequence, found));
    }
    return { sequences: last - from + 1, disagreements, examples };
  };
}
