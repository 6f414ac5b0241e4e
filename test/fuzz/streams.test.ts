// Any octets in any split give the same events or a documented error, in both roles, by Connection and by FrameDecoder, with
// linear memory overwritten between chunks: never a trap, never a throw. RFC 6455 §5, §7.1.7.

import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { subjectOf } from "./all-subjects.ts";
import { caseArbitrary, streamArbitrary } from "./arbitraries.ts";
import { judge } from "./judge.ts";
import { holds } from "./property.ts";
import { describeCase } from "./stream-case.ts";

for (const tested of kernels) {
  const test = builtOnKernel("any octets", tested);
  const subjects = [subjectOf(tested)];

  test("give what the reference decoder gives, cut and whole, and an error only of a documented code", () => {
    const problemOf = (given: Parameters<typeof describeCase>[0]): string =>
      judge(given, subjects, { whole: true, oracle: true }).problem;
    holds(1500, caseArbitrary(streamArbitrary), problemOf, describeCase);
  });

  test.run();
}
