// Runs the suites of one file, wherever that is: in a process of Node, Deno or Bun, or in a page. Needs nothing of any of them.

/** Imports a test file, whose suites uvu queues instead of running them, and runs those; resolves with what came of them. */
export async function runSuites(url) {
  globalThis.UVU_DEFER = 1;
  globalThis.UVU_QUEUE = [[]];
  await import(url);
  const report = { passed: 0, failed: 0, skipped: 0, errors: [] };
  for (const run of globalThis.UVU_QUEUE[0]) {
    const [errors, passed, skipped, total] = await run();
    report.passed += passed;
    report.failed += total - passed;
    report.skipped += skipped;
    if (typeof errors === "string") report.errors.push(errors);
    else if (passed !== total)
      report.errors.push(`  ${total - passed} tests did not run: a hook of their suite threw\n`);
  }
  return report;
}
