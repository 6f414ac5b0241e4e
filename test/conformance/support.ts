// What the tests of our own subjects share: one test a case, each awaiting its own result of a run that began up front.

import { suite, type Test } from "uvu";
import * as assert from "uvu/assert";
import { cases } from "./cases/index.ts";
import { describeCase } from "./describe.ts";
import { readRecord, recordPath } from "./files.ts";
import { recordOf } from "./report.ts";
import { type Run, startRun } from "./runner.ts";
import type { Subject } from "./subject.ts";

/** A good peer is never late, so that patience costs nothing; a slow machine needs it. */
const PATIENCE = 5;

/**
 * A suite of all cases: each must be OK in both verdicts, without the test side having to drop TCP, and stand in
 * results.json as it came out here.
 *
 * @param recordedAs  the name of the subject in results.json
 */
export function caseSuite(subject: Subject, recordedAs: string = subject.name): Test {
  const test = suite(`conformance / ${subject.name}`);
  let run: Run;

  test.before(() => {
    run = startRun(subject, cases, PATIENCE);
  });

  for (const tested of cases) {
    const expected = tested.isInformational ? "INFORMATIONAL / INFORMATIONAL" : "OK / OK";
    test(`${tested.id}: ${describeCase(tested)}`, async () => {
      const { behavior, behaviorClose, gaveUp, detail } = await run.results.get(tested.id)!;
      assert.is(`${behavior} / ${behaviorClose}`, expected, detail);
      assert.is(gaveUp && !tested.isInformational, false, detail);
    });
  }

  test(`all ${cases.length} results are those of ${recordPath}`, async () => {
    await run.ended;
    const results = await Promise.all(run.results.values());
    const { verdicts } = recordOf(subject, new Map(results.map((result) => [result.id, result])));
    assert.equal(verdicts, readRecord()[recordedAs]?.verdicts);
  });

  return test;
}
