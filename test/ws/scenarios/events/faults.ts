// Faults of the application itself: errors that nobody listens for, and listeners that throw. Each in a process of its own.

import { fileURLToPath } from "node:url";
import { Program } from "../../../support/programs.ts";
import type { Difference, Scenario, Scenarios } from "../../scenario.ts";

const path = fileURLToPath(new URL("../../programs/fault.js", import.meta.url));

/** Runs the program of faults; writes down what it says, how it ends, and the first line of its complaint. */
function fault(name: string, differs: readonly Difference[] = []): Scenario {
  return {
    differs,
    covers: ["event error", "event message"],
    async run({ server, client, log, later }) {
      const program = new Program(process.execPath, [path, name, server.name, client.name]);
      later(() => program.child.kill());
      const code = await program.ended;
      for (const line of program.stdout.split("\n").filter(Boolean).sort()) log("program", line);
      const said = /^(?:Uncaught )?\w*Error\b.*$/m.exec(program.stderr)?.[0] ?? "";
      log("program", "exit code", code, said.replace(/:\d+$/, ""));
    },
  };
}

export const scenarios: Scenarios = {
  "a violation without a listener of 'error' ends the process": fault("violation", [
    {
      reason: "a peer's bad frame is no reason to end a process whose author forgot a listener",
      side: "server",
      transcript: { program: ["close", 'exit code 0 ""'] },
    },
  ]),
  "an error while connecting without a listener of 'error' ends the process": fault("refused"),
  "a listener of 'message' that throws ends the process": fault("message"),
  "a listener of 'open' that throws ends the process": fault("open"),
  "a listener of 'close' that throws ends the process": fault("close"),
  "where the exception of a listener of 'message' is caught, nothing more comes, not even 'close'": fault("caught", [
    {
      reason: "a connection goes on that has done nothing wrong: it would neither deliver nor close for ever",
      side: "client",
      transcript: {
        program: [
          "caught mine",
          "close 1006",
          "message 1 one",
          "message 2 two",
          "served close 1006",
          "state 3",
          'exit code 0 ""',
        ],
      },
    },
  ]),
  "after an event listener has thrown, the others of that message are not called": fault("several"),
  "the callback of send() that throws ends the process": fault("callback"),
  "a process with nothing but closed sockets ends": fault("none"),
};
