// The command line of `npm run soak`: words in, plans out. Starts nothing and prints nothing.

import { choiceOf, numberOf, optionsOf } from "../support/command-line.ts";
import { type FaultName, faultNames } from "./faults.ts";
import type { SoakPlan } from "./soak.ts";

const MESSAGES = 10_000_000;
const CONNECTIONS = 100_000;
const PATIENCE_MS = 30_000;

export const help: string = `Usage: npm run soak -- [options]

A server that echoes, and two loads that check every answer: mixed messages on connections that stay, come and go.

  --messages N       messages that come back at least, a transport (default: ${MESSAGES})
  --connections N    connections that come and go, a transport (default: ${CONNECTIONS})
  --seconds N        end after about N seconds a transport, though there is more to do
  --transport NAME   memory, data or both (default: both)
  --seed N           of what is sent, a whole number below 2^32 (default: a random one, which is printed)
  --fault NAME       a server that is broken on purpose, which must be found: ${faultNames.join(", ")}
  --help             print this and exit

Exit code: 0 where nothing is wrong, 1 where a message is lost, doubled, out of order or not what was sent, where the server
keeps anything, or its memory grows; 2 for wrong arguments.
`;

const options = {
  messages: { type: "string" },
  connections: { type: "string" },
  seconds: { type: "string" },
  transport: { type: "string" },
  seed: { type: "string" },
  fault: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** One plan a transport; `"help"` where that is asked for. @throws MistakeError */
export function plansOf(words: readonly string[]): "help" | SoakPlan[] {
  const values = optionsOf(words, options);
  if (values.help === true) return "help";
  const transport = choiceOf("transport", values.transport, ["memory", "data", "both"]) ?? "both";
  const fault: FaultName | undefined = choiceOf("fault", values.fault, faultNames);
  const plan = {
    messageCount: numberOf("messages", values.messages, 0, 1e12) ?? MESSAGES,
    connectionCount: numberOf("connections", values.connections, 0, 2 ** 28) ?? CONNECTIONS,
    seconds: numberOf("seconds", values.seconds, 1, 1e7) ?? Number.MAX_SAFE_INTEGER, // Infinity is no JSON
    seed: numberOf("seed", values.seed, 0, 2 ** 32 - 1) ?? crypto.getRandomValues(new Uint32Array(1))[0]!,
    fault,
    patienceMs: PATIENCE_MS,
  };
  return (["memory", "data"] as const)
    .filter((name) => transport === "both" || transport === name)
    .map((name) => ({ ...plan, transport: name }));
}
