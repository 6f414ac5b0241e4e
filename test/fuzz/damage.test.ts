// One flipped, deleted, doubled or swapped octet, or a tail that never comes, gives the same verdict, and the same events
// before it, on all kernels and by the reference decoder. RFC 6455 §5, §7.1.7.

import { suite } from "uvu";
import { allSubjects } from "./all-subjects.ts";
import { caseArbitrary, damagedStreamArbitrary } from "./arbitraries.ts";
import { judge } from "./judge.ts";
import { holds } from "./property.ts";
import { describeCase, type StreamCase } from "./stream-case.ts";

const test = suite("damaged conversations");

test("have one verdict: on every kernel, cut and whole, and by the reference decoder", () => {
  const problemOf = (given: StreamCase): string => judge(given, allSubjects, { whole: true, oracle: true }).problem;
  holds(1000, caseArbitrary(damagedStreamArbitrary), problemOf, describeCase);
});

test("differ from ws in ways that disagreements.ts explains", () => {
  const problemOf = (given: StreamCase): string => judge(given, allSubjects.slice(0, 1), { ws: true }).problem;
  holds(1000, caseArbitrary(damagedStreamArbitrary), problemOf, describeCase);
});

test.run();
