// Unicode's table 3-7, "Well-Formed UTF-8 Byte Sequences", as data, and the automaton it makes. An oracle that is looked up
// octet by octet: it knows where a text goes wrong and what could still become valid, and shares no line with the code under
// test. utf8-table.test.ts compares it with the platform.

/** The lowest and the highest value of an octet. */
export type OctetRange = readonly [lowest: number, highest: number];

/** One row of the table: the range of each octet of a character. */
export type TableRow = readonly OctetRange[];

const any: OctetRange = [0x80, 0xbf];

export const table: readonly TableRow[] = [
  [[0x00, 0x7f]], //                         U+0000..U+007F
  [[0xc2, 0xdf], any], //                    U+0080..U+07FF
  [[0xe0, 0xe0], [0xa0, 0xbf], any], //      U+0800..U+0FFF
  [[0xe1, 0xec], any, any], //               U+1000..U+CFFF
  [[0xed, 0xed], [0x80, 0x9f], any], //      U+D000..U+D7FF
  [[0xee, 0xef], any, any], //               U+E000..U+FFFF
  [[0xf0, 0xf0], [0x90, 0xbf], any, any], // U+10000..U+3FFFF
  [[0xf1, 0xf3], any, any, any], //          U+40000..U+FFFFF
  [[0xf4, 0xf4], [0x80, 0x8f], any, any], // U+100000..U+10FFFF
];

/** At a character's edge; where every text begins. */
export const COMPLETE = 0;
/** No continuation makes the text valid. */
export const INVALID = 1;

/** The table as states and steps. The other states are those inside a character. */
export interface Automaton {
  readonly stateCount: number;
  /** The state after an octet: `next[state * 256 + octet]`. */
  readonly next: Uint8Array;
  /** What validateUtf8 returns in each state, as assembly/utf8.ts draws it. */
  readonly words: Int32Array;
}

/** Makes the automaton of a table: a state inside a character is what its remaining octets may be. */
export function automatonOf(rows: readonly TableRow[]): Automaton {
  const states: TableRow[] = [[], []];
  const names = new Map<string, number>([["", COMPLETE]]);
  const stateOf = (remaining: TableRow): number => {
    const name = remaining.join(";");
    if (!names.has(name)) names.set(name, states.push(remaining) - 1);
    return names.get(name)!;
  };
  const steps: number[][] = [];
  const stepsOf = (choices: readonly TableRow[]): number[] => {
    const to: number[] = Array.from({ length: 256 }, () => INVALID);
    for (const [range, ...remaining] of choices) {
      const [lowest, highest] = range!;
      to.fill(stateOf(remaining), lowest, highest + 1);
    }
    return to;
  };
  steps[COMPLETE] = stepsOf(rows);
  steps[INVALID] = stepsOf([]);
  for (let state = 2; state < states.length; state++) steps[state] = stepsOf([states[state]!]);
  const words = states.map(([range, ...others]) =>
    range === undefined ? 0 : (others.length + 1) | (range[0] << 8) | (range[1] << 16),
  );
  words[INVALID] = -1;
  return { stateCount: states.length, next: Uint8Array.from(steps.flat()), words: Int32Array.from(words) };
}

export const automaton: Automaton = automatonOf(table);

/** The state after octets that begin in `state`. */
export function stateAfter(
  octets: Iterable<number>,
  state: number = COMPLETE,
  { next }: Automaton = automaton,
): number {
  let now = state;
  for (const octet of octets) now = next[now * 256 + octet]!;
  return now;
}
