// What runs under callgrind: `node subject.js N`, N the place of a workload in the list. It checks that the work gets done,
// warms up, and does its blocks. Imports little: Node's start and theirs are three quarters of the time.

import { runBlocks } from "./blocks.ts";
import { type Workload, workloads } from "./workloads.ts";

const workload: Workload = workloads[Number(process.argv[2])]!;

if (workload.topic === "echo, TCP") {
  const { serve } = await import("./serve.ts");
  await serve(workload);
} else {
  const { makeRun } = await import("./runs.ts");
  const run = makeRun(workload);
  const { runs } = workload;
  runBlocks(() => {
    for (let index = 0; index < runs; index++) run();
  });
  process.exit();
}
