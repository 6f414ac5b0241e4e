// Shows what scenarios write down, and whether it is always the same:
//
//   node build/test/ws/main.js [pattern] [repetitions] [server] [client]
//
// Without repetitions it prints the transcripts of `ws`; with them it plays each scenario that often and prints those whose
// transcripts differ. `server` and `client` are names of implementations.

import { type Area, areas } from "./areas.ts";
import { implementation } from "./implementations.ts";
import { play } from "./run.ts";
import { written } from "./transcript.ts";

const [pattern = "", repetitions = "1", server = "ws", client = "ws"] = process.argv.slice(2);
let unsteady = 0;
for (const area of Object.keys(areas) as Area[]) {
  for (const [part, scenarios] of Object.entries(areas[area])) {
    for (const [name, scenario] of Object.entries(scenarios)) {
      const title = `${area}, ${part}: ${name}`;
      if (!title.includes(pattern)) continue;
      const seen = new Map<string, number>();
      for (let count = 0; count < Number(repetitions); count++) {
        const text = await play(scenario, implementation(server), implementation(client)).then(written, String);
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
      if (seen.size > 1) unsteady++;
      if (repetitions !== "1" && seen.size === 1) continue;
      console.log(`\n# ${title}`);
      for (const [text, count] of seen) console.log(seen.size === 1 ? text : `${count} times:\n${text}`);
    }
  }
}
if (repetitions !== "1") console.log(`${unsteady} scenarios differ from run to run`);
