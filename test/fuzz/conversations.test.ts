// A valid conversation survives every split: its messages, pings, pongs and Close are told, exactly, in order; its pings are
// answered. What must be told is known from how the conversation was made. RFC 6455 §5.4 to §5.6.

import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { subjectOf } from "./all-subjects.ts";
import { conversationCaseArbitrary } from "./arbitraries.ts";
import { expectedOutput } from "./output.ts";
import { holds } from "./property.ts";
import { describeCase } from "./stream-case.ts";
import { runConnection, runDecoder } from "./subjects.ts";
import { difference, verdictText } from "./trace.ts";

for (const tested of kernels) {
  const test = builtOnKernel("valid conversations", tested);
  const subject = subjectOf(tested);

  test("are told by a Connection as they were meant", () => {
    holds(
      600,
      conversationCaseArbitrary,
      ({ given, wire }) => {
        const { wire: told, verdict, faults, output } = runConnection(subject, given);
        const due = given.actions.includes("send") ? output : expectedOutput(wire, null);
        return (
          difference([...told, verdictText(verdict), ...faults], [...wire, "no fault"], ["told", "meant"]) ||
          difference(output, due, ["sent", "due"])
        );
      },
      ({ given }) => describeCase(given),
    );
  });

  test("are given by a FrameDecoder as they were meant", () => {
    holds(
      600,
      conversationCaseArbitrary,
      ({ given, wire }) => {
        const { wire: told, verdict, faults } = runDecoder(subject, given);
        return difference([...told, verdictText(verdict), ...faults], [...wire, "no fault"], ["given", "meant"]);
      },
      ({ given }) => describeCase(given),
    );
  });

  test.run();
}
