// How wsimd's cost grows with the work: with the size of a message, with connections, with what is in flight on each, with the
// fragments of a message. The cost of a unit falls while a message's own cost is shared out, then stays as it is.

import { median } from "../median.ts";
import { takeTurns } from "../processes.ts";
import { type Shape, shapeName } from "../shape.ts";
import { lineUp } from "./contestants.ts";
import { enterAll, openFilesLimit } from "./entering.ts";
import type { Measured, Result } from "./results.ts";
import type { Job, Setting } from "./topics.ts";

interface Curve {
  readonly name: string;
  /** What a message has one or many of. */
  readonly unit: string;
  readonly shapes: readonly Shape[];
  readonly unitsOf: (shape: Shape) => number;
}

const KIB = 1024;
const sizes = [16, 64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, KIB * KIB, 4 * KIB * KIB, 16 * KIB * KIB];
const FRAGMENT_LENGTH = 16;

function sizeCurve(kind: Shape["kind"]): Curve {
  return {
    name: `size, ${kind}`,
    unit: "octet",
    shapes: sizes.map((octets) => ({ connections: 4, inFlight: 1, octets, kind })),
    unitsOf: ({ octets }) => octets,
  };
}

const curves: readonly Curve[] = [
  sizeCurve("text"),
  sizeCurve("binary"),
  {
    name: "connections",
    unit: "message",
    shapes: [1, 10, 100, 1000, 10_000].map((connections) => ({ connections, inFlight: 1, octets: 64, kind: "text" })),
    unitsOf: () => 1,
  },
  {
    name: "in flight, frames a chunk",
    unit: "frame",
    shapes: [1, 4, 16, 64, 256, 1000].map((inFlight) => ({ connections: 10, inFlight, octets: 20, kind: "text" })),
    unitsOf: () => 1,
  },
  {
    name: "fragments",
    unit: "fragment",
    shapes: [1, 10, 100, 1000, 10_000, 100_000].map((fragments) => ({
      connections: 4,
      inFlight: 1,
      octets: fragments * FRAGMENT_LENGTH,
      kind: "text",
      fragments,
    })),
    unitsOf: ({ fragments }) => fragments!,
  },
];

async function measurePoint(
  shape: Shape,
  units: number,
  setting: Setting,
): Promise<Pick<Result, "measured" | "failures">> {
  const entrants = lineUp(["wsimd"], setting.runtimes, { answer: "echo", transport: setting.transport });
  const [entered, failures] = await enterAll(entrants, shape, setting.running);
  await takeTurns(
    entered.map(({ contestant }) => contestant),
    { ...setting.effort, rounds: 3 },
  );
  const measured = entered.map(({ entrant: { name, runtime }, contestant: { costs, rates } }): Measured => {
    const nsOfUnit = (median(costs) * 1000) / units;
    return { name, runtime, figures: costs, rates, details: { nsOfUnit } };
  });
  return { measured, failures };
}

async function measure({ name, unit, shapes, unitsOf }: Curve, setting: Setting): Promise<Result[]> {
  const results: Result[] = [];
  for (const shape of shapes) {
    const needed = shape.connections * setting.runtimes.filter(({ kind }) => kind === "node").length;
    if (needed > openFilesLimit() - 500) continue;
    results.push({
      topic: `curves: ${name}`,
      name: shapeName(shape),
      isAside: true,
      unit: `us a message, ns a${unit === "octet" ? "n" : ""} ${unit}`,
      ...(await measurePoint(shape, unitsOf(shape), setting)),
    });
  }
  return results;
}

export function curveJobs(): Job[] {
  return curves.map((curve) => ({ topic: "curves", name: curve.name, run: (setting) => measure(curve, setting) }));
}
