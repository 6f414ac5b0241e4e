// What the tests of our own subjects share: one test a case, each awaiting its own result of a run that began up front.

import { suite, type Test } from "uvu";
import * as assert from "uvu/assert";
import type { Case, Compression } from "./case.ts";
import { cases, withMessages } from "./cases/index.ts";
import { describeCase } from "./describe.ts";
import { readRecord, recordPath } from "./files.ts";
import { recordOf } from "./report.ts";
import { type Run, startRun } from "./runner.ts";
import type { Subject } from "./subject.ts";

/** A good peer is never late, so that patience costs nothing; a slow machine needs it. */
const PATIENCE = 5;

/** A few messages of 12.* and 13.*, which have a thousand: enough for contexts that go on, and for a file's start again. */
function messageCount({ messageLength }: Compression): number {
  return Math.max(3, Math.min(30, Math.floor((128 * 1024) / messageLength)));
}

const fewer = withMessages(cases, messageCount);

/** What must come of a case of ours. */
const expectedOf = ({ isInformational }: Case): string =>
  isInformational ? "INFORMATIONAL / INFORMATIONAL" : "OK / OK";

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
    run = startRun(subject, fewer, PATIENCE);
  });

  for (const tested of fewer) {
    const expected = expectedOf(tested);
    test(`${tested.id}: ${describeCase(tested)}`, async () => {
      const { behavior, behaviorClose, gaveUp, detail } = await run.results.get(tested.id)!;
      assert.is(`${behavior} / ${behaviorClose}`, expected, detail);
      assert.is(gaveUp && !tested.isInformational, false, detail);
    });
  }

  test(`all ${cases.length} results are those of ${recordPath}`, async () => {
    await run.ended;
    const results = await Promise.all(run.results.values());
    const { verdicts } = recordOf(subject, 0, new Map(results.map((result) => [result.id, result])));
    assert.equal(verdicts, readRecord()[recordedAs]?.verdicts);
  });

  return test;
}
