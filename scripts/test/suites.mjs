// Runs the suites of one file, wherever that is: in a process of Node, Deno or Bun, or in a page. Needs nothing of any of them.

// uvu tells failures as one text, in colours or not: "   FAIL  the suite  "the test"", and what went wrong.
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const colours = /\x1b\[[0-9;]*m/g;
const heading = /^ {3}FAIL (?: (.*) )? "(.*)"$/;

/** The failures in uvu's text, each with the title of its test. */
function failuresOf(text) {
  const failures = [];
  for (const line of text.split("\n")) {
    const match = heading.exec(line.replace(colours, ""));
    if (match !== null) failures.push({ title: match[2], text: "" });
    failures.at(-1).text += `${line}\n`;
  }
  return failures;
}

/** Imports a test file, whose suites uvu queues instead of running them, and runs those; resolves with what came of them. */
export async function runSuites(url) {
  globalThis.UVU_DEFER = 1;
  globalThis.UVU_QUEUE = [[]];
  await import(url);
  const report = { passed: 0, failed: 0, skipped: 0, failures: [], faults: [] };
  for (const run of globalThis.UVU_QUEUE[0]) {
    const [errors, passed, skipped, total] = await run();
    report.passed += passed;
    report.failed += total - passed;
    report.skipped += skipped;
    if (typeof errors === "string") report.failures.push(...failuresOf(errors));
    else if (passed !== total) report.faults.push(`${total - passed} tests did not run: a hook of their suite threw`);
  }
  return report;
}
