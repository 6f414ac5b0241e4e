// Runs scenarios on `ws` and on ours, and compares what they wrote down. Without ours it runs them twice on `ws`: a
// scenario whose transcript depends on anything but the implementation is no good.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isPossible } from "../../bindings/node/memory-reader.ts";
import { type Area, areas } from "./areas.ts";
import { type Api, reference, underTest } from "./implementations.ts";
import type { Scenario, Scenarios } from "./scenario.ts";
import { newTranscript, type Transcript, written } from "./transcript.ts";

const SCENARIO_TIMEOUT_MS = 20_000;

/** Plays a scenario to its end and cleans up after it. @throws Error with what was written so far, where it hangs or throws */
export async function play(scenario: Scenario, server: Api, client: Api): Promise<Transcript> {
  const { transcript, log } = newTranscript();
  const undoes: (() => unknown)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs after:\n${written(transcript)}`)), SCENARIO_TIMEOUT_MS);
  });
  try {
    await Promise.race([scenario.run({ server, client, log, later: (undo) => undoes.push(undo) }), hung]);
  } finally {
    clearTimeout(timer);
    for (const undo of undoes.reverse()) await undo();
  }
  return structuredClone(transcript);
}

interface Combination {
  readonly name: string;
  readonly server: Api;
  readonly client: Api;
  readonly transport: string;
}

function combinationsOf({ sides = "both" }: Scenario): Combination[] {
  const ours = underTest;
  return (isPossible ? ["data", "memory"] : ["data"]).flatMap((transport) => {
    const server = { name: `server ours, ${transport}`, server: ours, client: reference, transport };
    const client = { name: `client ours, ${transport}`, server: reference, client: ours, transport };
    const both = { name: `both ours, ${transport}`, server: ours, client: ours, transport };
    return sides === "both" ? [server, client, both] : sides === "server" ? [server] : [client];
  });
}

/** What is expected of a combination: the transcript of `ws`, but for the differences that are listed. */
function expectedOf({ differs = [] }: Scenario, ofWs: Transcript, { server, client }: Combination): Transcript {
  const expected = { ...ofWs };
  for (const { side, transcript } of differs) {
    const isOurs = (api: Api): boolean => api === underTest;
    const applies =
      side === "server" ? isOurs(server) : side === "client" ? isOurs(client) : isOurs(server) || isOurs(client);
    if (applies) Object.assign(expected, transcript);
  }
  return expected;
}

/** Makes the suites of an area: a test for each scenario and each combination of implementations. */
export function runArea(area: Area): void {
  for (const [part, scenarios] of Object.entries(areas[area])) runScenarios(`${area}, ${part}`, scenarios);
}

function runScenarios(name: string, scenarios: Scenarios): void {
  const test = suite(`ws / ${name}`);
  for (const [name, scenario] of Object.entries(scenarios)) {
    let ofWs: Promise<Transcript> | undefined;
    for (const combination of combinationsOf(scenario)) {
      test(`${name} (${combination.name})`, async () => {
        ofWs ??= play(scenario, reference, reference);
        const expected = expectedOf(scenario, await ofWs, combination);
        assert.ok(Object.keys(expected).length > 0, "a scenario that writes nothing down shows nothing");
        const before = process.env.WSIMD_TRANSPORT;
        process.env.WSIMD_TRANSPORT = combination.transport;
        try {
          assert.is(written(await play(scenario, combination.server, combination.client)), written(expected));
        } finally {
          if (before === undefined) delete process.env.WSIMD_TRANSPORT;
          else process.env.WSIMD_TRANSPORT = before;
        }
      });
    }
  }
  test.run();
}
