// What bench:server makes of its figures, and what it refuses. Nothing is timed here.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readArguments } from "../../bench/server/arguments.ts";
import { chart } from "../../bench/server/chart.ts";
import { lineUp, names } from "../../bench/server/contestants.ts";
import { percentile } from "../../bench/server/percentile.ts";
import { comparisons, losses, type Result } from "../../bench/server/results.ts";
import { lossLines, ratioLines, rowLines } from "../../bench/server/table.ts";
import { jobsOf } from "../../bench/server/topics.ts";
import { maskedBatch, plainBatch, type Shape } from "../../bench/shape.ts";
import { MistakeError } from "../support/command-line.ts";
import { Program } from "../support/programs.ts";

const node = "Node 20.1.0";
const result: Result = {
  topic: "echo",
  name: "10 x 1 x 16 B <text>",
  unit: "us & more",
  measured: [
    { name: "wsimd", runtime: node, figures: [2, 4, 6], rates: [100, 100, 100] },
    { name: "ws", runtime: node, figures: [4, 4, 24], rates: [50, 50, 50] },
    { name: "ws", runtime: "Node 26.1.0", figures: [1, 1, 1], rates: [50, 50, 50] },
    { name: "Bun", runtime: "Bun 1.2.3", figures: [1, 2, 12], rates: [99, 99, 99] },
    { name: "tcp onread", runtime: node, figures: [1, 1, 1], rates: [200, 200, 200] },
  ],
  failures: [],
};

const test = suite("bench / server");

test("a percentile is one of the values: the nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.is(percentile(values, 0.5), 50);
  assert.is(percentile(values, 0.99), 99);
  assert.is(percentile(values, 1), 100);
  assert.is(percentile(values, 0), 1);
  assert.is(percentile([7], 0.99), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test("ratios are medians of the rounds' ratios, and a rival on Node runs on the same Node", () => {
  const found = comparisons(result).map(({ rival, ratio, spread, ratesDiffer }) => [
    rival.name,
    rival.runtime,
    ratio,
    spread,
    ratesDiffer,
  ]);
  assert.equal(found, [
    ["ws", node, 0.5, [0.25, 1], true],
    ["Bun", "Bun 1.2.3", 2, [0.5, 2], false],
  ]);
});

test("a row is lost where a rival takes less, and the list says so", () => {
  assert.equal(
    losses([result]).map(({ rival }) => rival.name),
    ["Bun"],
  );
  assert.match(lossLines([result]), /rows where a peer is faster: 1\n +echo: 10 x 1 x 16 B <text> .*Bun +2\.00/);
  assert.match(lossLines([{ ...result, isAside: true }]), /none$/);
  assert.match(ratioLines([result]), /0\.50~ +2\.00/);
  assert.match(rowLines(result), /^10 x 1 x 16 B <text> +Node 20 .*4\.00.*\n +Node 26 +1\.00$/);
});

test("the chart is well-formed and holds every row that is judged", () => {
  const others = [
    { ...result, name: "second" },
    { ...result, name: "aside", isAside: true as const },
  ];
  const svg = chart([result, ...others], "a machine");
  const open: string[] = [];
  for (const [, closing, name, selfClosing] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing !== "") assert.is(open.pop(), name);
    else if (selfClosing === "") open.push(name!);
  }
  assert.equal(open, []);
  assert.not.match(svg.replaceAll(/<[^<>]*>/g, ""), /[<>]/);
  assert.not.match(svg, /NaN|undefined|Infinity|&(?!amp;|lt;|gt;)/);
  assert.ok(svg.includes(">10 x 1 x 16 B &lt;text&gt;</text>"));
  assert.ok(svg.includes(">second</text>"));
  assert.not(svg.includes("aside"));
  assert.ok(svg.includes("npm run bench:server"));
  assert.ok(svg.includes("prefers-color-scheme: dark"));
});

test("the chart of no rows is a chart", () => {
  assert.not.match(chart([], "a machine"), /NaN|Infinity/);
});

test("arguments that cannot be meant are refused", () => {
  const refused = (...words: string[]) =>
    assert.throws(
      () => readArguments(words),
      (error: unknown) => error instanceof MistakeError,
      words.join(" "),
    );
  refused("--fast");
  refused("echo");
  refused("--transport", "pigeons");
  refused("--node", "/nowhere/node");
  refused("--node", "/");
  refused("--json", "/nowhere/a.json");
  refused("--svg", "/");
  refused("--only");
});

test("arguments are read", () => {
  const file = join(tmpdir(), `wsimd-bench-${process.pid}.json`);
  const words = ["--only", "Echo 16 KiB", "--short", "--node", process.execPath, "--transport", "data", "--json", file];
  const { only, short, nodes, transport, json, curves } = readArguments(words);
  assert.equal([only, short, nodes], [["echo", "16", "kib"], true, [process.execPath]]);
  assert.equal([transport, json, curves], ["data", file, false]);
});

test("what cannot be meant exits with 2 before anything is measured", async () => {
  const main = new URL("../../bench/server/main.js", import.meta.url).pathname;
  for (const words of [["--fast"], ["--only", "no such row"]]) {
    const program = Program.node(main, ...words);
    assert.is(await program.ended, 2);
    assert.is(program.stdout, "");
    assert.match(program.stderr, /^bench:server: /);
  }
});

test("curves are measured where they are asked for", () => {
  const topics = (only: string[], curves: boolean) => new Set(jobsOf({ only, curves }).map(({ topic }) => topic));
  assert.not(topics([], false).has("curves"));
  assert.ok(topics([], true).has("curves"));
  assert.equal([...topics(["curves"], false)], ["curves"]);
  assert.equal([...topics(["memory"], false)], ["memory", "deflate, memory"]);
});

test("bare TCP takes part where it could answer", () => {
  const runtimes = [{ kind: "node", label: node, path: "node" }] as const;
  const taking = (task: Parameters<typeof lineUp>[2]) => lineUp(names, runtimes, task).map(({ name }) => name);
  const ours = ["wsimd", "wsimd bytes", "ws", "ws bytes"];
  assert.equal(taking({ answer: "echo" }), [...ours, "tcp", "tcp onread"]);
  assert.equal(taking({ answer: "echo", tls: { cert: "", key: "" } }), [...ours, "tcp"]);
  assert.equal(taking({ answer: "publish" }), ours);
});

test("flags of Node stand before the program, and reach no other runtime", () => {
  const flags = ["--max-semi-space-size=1"];
  const runtimes = [
    { kind: "node", label: node, path: "node" },
    { kind: "bun", label: "Bun 1.2.3", path: "bun" },
  ] as const;
  const [first, ...others] = lineUp(["wsimd", "Bun"], runtimes, { answer: "echo", nodeFlags: flags });
  assert.equal(first!.command.slice(0, 2), ["node", ...flags]);
  assert.match(first!.command[2]!, /wsimd\.mjs$/);
  for (const { command } of others) assert.is(command.includes(flags[0]!), false);
});

test("a load's fragments are one message: §5.4", () => {
  const shape: Shape = { connections: 1, inFlight: 1, octets: 5, kind: "text", fragments: 2 };
  const sent = maskedBatch(shape);
  assert.is(sent.length, 2 * (2 + 4) + 5);
  assert.is(sent[0], 0x01); // text, not FIN
  assert.is(sent[2 + 4 + 2], 0x80); // continuation, FIN
  assert.is(plainBatch(shape)[0], 0x81);
});

test.run();
