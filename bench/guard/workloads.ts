// What the guard counts. Plain data: the process that measures and the one that is measured both read it.

import type { Script } from "../inputs.ts";

/** A piece of work, done over and over. */
export interface Workload {
  /** `decode`: chunks into a Connection. `encode`: messages out of one. `echo`: both, by a stub or by a server on a socket. */
  readonly topic: "decode" | "encode" | "echo" | "echo, TCP";
  readonly role: "server" | "client";
  /** Messages in one run: in a chunk, in a batch, in flight. */
  readonly count: number;
  /** Payload octets in each. */
  readonly octets: number;
  readonly kind: Script | "binary";
  readonly kernel: "wasm" | "scalar";
  /** Runs in a block: some 10 million instructions. */
  readonly runs: number;
}

type Row = readonly [count: number, octets: number, kind: Workload["kind"], runs: number];

function rows(topic: Workload["topic"], list: readonly Row[], rest: Partial<Workload> = {}): Workload[] {
  return list.map(([count, octets, kind, runs]) => {
    return { topic, role: "server", count, octets, kind, kernel: "wasm", runs, ...rest };
  });
}

// Of long text that is not ASCII the platform does most: text of 1,000 octets shows what the kernel's own validation costs.
export const workloads: readonly Workload[] = [
  ...rows("decode", [
    [64, 20, "ASCII", 150],
    [1, 20, "ASCII", 5000],
    [16, 125, "binary", 600],
    [1, 1024, "ASCII", 3000],
    [1, 16_384, "ASCII", 200],
    [1, 65_500, "binary", 240],
    [1, 1000, "Chinese", 200],
    [1, 16_384, "Chinese", 12],
  ]),
  ...rows(
    "decode",
    [
      [64, 20, "ASCII", 40],
      [1, 1000, "Chinese", 120],
    ],
    { kernel: "scalar" },
  ),
  ...rows("encode", [
    [64, 20, "ASCII", 150],
    [1, 125, "ASCII", 3000],
    [1, 16_384, "ASCII", 200],
  ]),
  ...rows(
    "encode",
    [
      [64, 125, "binary", 150],
      [1, 16_384, "ASCII", 300],
    ],
    { role: "client" },
  ),
  ...rows("echo", [
    [64, 20, "ASCII", 80],
    [1, 64, "ASCII", 2500],
    [4, 1024, "ASCII", 700],
  ]),
  ...rows("echo, TCP", [
    [64, 20, "ASCII", 240],
    [1, 64, "ASCII", 1000],
    [4, 1024, "ASCII", 600],
  ]),
];

/** The row's name in tables, in the record and for `--only`. */
export function nameOf({ topic, role, count, octets, kind, kernel }: Workload): string {
  const what = kind === "ASCII" ? "text" : kind === "binary" ? kind : `text, ${kind}`;
  const length = octets % 1024 === 0 ? `${octets / 1024} KiB` : `${octets} B`;
  const who = topic === "encode" ? `${role}, ` : "";
  return `${topic}: ${who}${count} x ${length} ${what}${kernel === "scalar" ? ", scalar" : ""}`;
}
