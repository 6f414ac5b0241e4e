// Collects garbage where V8 runs: by its flag, set late, so that the program ran without it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export async function collect() {
  setFlagsFromString("--expose-gc");
  const gc = globalThis.gc ?? runInNewContext("gc");
  for (let times = 0; times < 3; times++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
