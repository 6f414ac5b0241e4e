// One thread of the exhaustive run: judges the tasks it is sent and answers with what it found.

import { parentPort } from "node:worker_threads";
import { type Judge, moduleJudge, scriptJudge } from "./judges.ts";
import type { KernelChoice, Task } from "./run.ts";

const judges: Partial<Record<KernelChoice, Judge>> = {};

parentPort!.on("message", (task: Task) => {
  judges[task.kernel] ??= task.kernel === "wasm" ? moduleJudge() : scriptJudge();
  parentPort!.postMessage(judges[task.kernel]!(task));
});
