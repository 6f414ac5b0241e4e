// The judges of the exhaustive run: a part of what it judges, in every `npm test`; and whether they find what is wrong, since
// a judge that finds nothing proves nothing.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createScalarKernel } from "../../bindings/kernel/scalar.ts";
import { same } from "../support/assertions.ts";
import { type Automaton, automaton, automatonOf, stateAfter, type TableRow, table } from "../support/table-3-7.ts";
import { boundaryOctets } from "../support/utf8.ts";
import { readArguments } from "./arguments.ts";
import { type Findings, type Judge, moduleJudge, type Part, scriptJudge } from "./judges.ts";
import { runTasks, type Task } from "./run.ts";

const judges = { wasm: moduleJudge, scalar: scriptJudge } as const;

const positions = {
  wasm: [
    [0, 0],
    [14, 0],
    [15, 13],
  ],
  scalar: [[0, 0]],
} as const;

const alone = { before: 0, after: 0 };

/** All sequences that begin with these two octets. */
function after(first: number, second: number): { from: number; last: number } {
  const from = first * 2 ** 24 + second * 2 ** 16;
  return { from, last: from + 0xffff };
}

/** A row of which an octet ranges one further, down or up, and parts that this changes. */
interface Spoilt {
  readonly row: TableRow;
  readonly original: TableRow;
  readonly parts: readonly Part[];
  readonly name: string;
}

const spoiltRows: Spoilt[] = table.flatMap((original) =>
  original.flatMap(([lowest, highest], index) =>
    [lowest - 1, highest + 1]
      .filter((octet) => octet >= 0)
      .map((octet) => {
        const range = [Math.min(lowest, octet), Math.max(highest, octet)] as const;
        const row = original.map((old, at) => (at === index ? range : old));
        const begun = original.map(([low], at) => (at === index ? octet : low));
        // What a lead alters is the lowest, or the highest, octet that may follow it.
        const seconds = index === 0 ? [0x80, 0xbf] : [begun[1]!];
        const parts = seconds.map((second) => ({ ...alone, ...after(begun[0]!, second) }));
        const name = `${octet.toString(16)} as octet ${index + 1} of the row of ${original[0]![0].toString(16)}`;
        return { row, original, parts, name };
      }),
  ),
);

/** How many sequences of a part two automata tell apart. */
function differences({ from, last }: Part, one: Automaton, other: Automaton): number {
  let count = 0;
  for (let sequence = from; sequence <= last; sequence++) {
    const octets = [sequence >>> 24, (sequence >>> 16) & 255, (sequence >>> 8) & 255, sequence & 255];
    const words = [one, other].map((by) => by.words[stateAfter(octets, 0, by)]);
    if (words[0] !== words[1]) count++;
  }
  return count;
}

for (const name of ["wasm", "scalar"] as const) {
  const test = suite(`every sequence / ${name}`);
  const judgeOf = judges[name];

  for (const [before, behind] of positions[name]) {
    test(`agrees with table 3-7 on all that begins with two boundary octets, ${before} octets before, ${behind} after (§8.1)`, () => {
      const judge = judgeOf();
      let sequences = 0;
      for (const first of boundaryOctets) {
        for (const second of boundaryOctets) {
          const found = judge({ before, after: behind, ...after(first, second) });
          same(found.disagreements, 0, () => found.examples.join("; "));
          sequences += found.sequences;
        }
      }
      assert.is(sequences, boundaryOctets.length ** 2 * 65536);
    });
  }

  test("finds, for a table with any one bound moved by one, exactly the sequences which that changes", () => {
    assert.is(spoiltRows.length, 2 * table.flat().length - 1);
    for (const { row, original, parts, name } of spoiltRows) {
      const wrong = automatonOf([...table.filter((other) => other !== original), row]);
      const judge = judgeOf(wrong);
      let total = 0;
      for (const part of parts) {
        const expected = differences(part, automaton, wrong);
        assert.is(judge(part).disagreements, expected, name);
        total += expected;
      }
      assert.ok(total > 0, `nothing to be found for ${name}`);
    }
  });

  test.run();
}

const faults = suite("every sequence / a kernel with a fault");

/** validateUtf8 that lies once: call number `at` returns `lie`. */
function lying(at: number, lie: number) {
  return (real: (ptr: number, length: number, state: number) => number) => {
    let calls = 0;
    return (ptr: number, length: number, state: number): number => {
      const truth = real(ptr, length, state);
      return calls++ === at ? lie : truth;
    };
  };
}

/** What both judges find in a part of a kernel that lies once. */
function findingsOf(at: number, lie: number, part: Part): Findings[] {
  const scalar = createScalarKernel();
  const faulty = { ...scalar, validateUtf8: lying(at, lie)(scalar.validateUtf8) };
  const found: Judge[] = [moduleJudge(automaton, lying(at, lie)), scriptJudge(automaton, faulty)];
  return found.map((judge) => judge(part));
}

faults("one text judged wrongly is found and named, were it the first or the last", () => {
  const cases: readonly (readonly [from: number, at: number, lie: number, name: string])[] = [
    [0x00000000, 0x00, -1, "00 00 00 00 with 15 octets before it and 13 after it is said to be invalid"],
    [0x41424300, 0x44, -1, "41 42 43 44 with 15 octets before it and 13 after it is said to be invalid"],
    [0xeda08000, 0xff, 0, "ed a0 80 ff with 15 octets before it and 13 after it is said to be complete"],
    [0xffffff00, 0xff, 0, "ff ff ff ff with 15 octets before it and 13 after it is said to be complete"],
  ];
  for (const [from, at, lie, name] of cases) {
    for (const found of findingsOf(at, lie, { before: 15, after: 13, from, last: from + 0xff }))
      assert.equal(found, { sequences: 256, disagreements: 1, examples: [name] });
  }
});

faults("a state that is not the one to go on with is found, and named", () => {
  // f0 9f 98 wants one octet of 80..BF; the lie is that it wants two.
  const found = findingsOf(0x98, 0xbf8002, { before: 14, after: 0, from: 0x2af09f00, last: 0x2af09fff });
  const name = "2a f0 9f 98 with 14 octets before it and 0 after it is said to be unfinished, bf8002";
  for (const one of found) assert.equal(one, { sequences: 256, disagreements: 1, examples: [name] });
});

faults("of many faults all are counted and four are named", () => {
  const part = { ...alone, from: 0, last: 0xffff };
  const always = (): (() => number) => () => -1;
  const { disagreements, examples } = moduleJudge(automaton, always)(part);
  assert.is(disagreements, differences(part, automaton, automatonOf([])));
  assert.is(examples.length, 4);
});

faults.run();

const runs = suite("every sequence / the run");

runs("gives every sequence of a task to some thread, and adds up", async () => {
  const lines: string[] = [];
  const task: Task = { kernel: "wasm", ...alone, from: 0xdfffff00, last: 0xe3ffff80 };
  const disagreements = await runTasks({ tasks: [task], workers: 2, print: (line) => lines.push(line) });
  assert.is(disagreements, 0);
  assert.match(lines.at(-1)!, new RegExp(`^ok +wasm +0\\+0 +${task.last - task.from + 1} sequences, 0 disagreements`));
});

runs("without arguments means all 2^32, whole and across a block's edge, on both kernels", () => {
  const { tasks, workers } = readArguments([], 2)!;
  assert.is(workers, 2);
  for (const { from, last } of tasks) assert.equal([from, last], [0, 2 ** 32 - 1]);
  for (const kernel of ["wasm", "scalar"]) assert.ok(tasks.some((task) => task.kernel === kernel && task.before === 0));
  assert.ok(tasks.some(({ kernel, before, after }) => kernel === "wasm" && before > 12 && before < 16 && after > 11));
});

runs("takes a part, positions and kernels; what cannot be meant is refused by name", () => {
  const words = ["--from", "c2", "--to", "ff00", "--positions", "1+2,30+0", "--kernels", "scalar", "--workers", "1"];
  assert.equal(readArguments(words, 2), {
    tasks: [
      { kernel: "scalar", before: 1, after: 2, from: 0xc2, last: 0xff00 },
      { kernel: "scalar", before: 30, after: 0, from: 0xc2, last: 0xff00 },
    ],
    workers: 1,
  });
  assert.is(readArguments(["--help"], 2), null);
  for (const [option, value] of [
    ["from", "xyz"],
    ["to", "123456789"],
    ["positions", "15"],
    ["kernels", "wasm,debug"],
    ["workers", "0"],
  ] as const)
    assert.throws(() => readArguments([`--${option}`, value], 2), new RegExp(option));
  assert.throws(() => readArguments(["--from", "2", "--to", "1"], 2), /to/);
});

runs.run();
