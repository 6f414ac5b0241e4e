// Runs the tests on every runtime, and writes what came of them into docs/runtimes.md, between its markers.
//
//   node scripts/runtimes.mjs [NAME…]    the runtimes named, or all: those of scripts/test/runtimes.mjs
//
// The tests are built before, and the runtimes installed: npm run runtimes does both. The page is written only where all ran.
// The last line is "N passed, N failed".

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { differences } from "./test/differences.mjs";
import { runtimeNames } from "./test/runtimes.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = join(root, "docs/runtimes.md");
const folder = mkdtempSync(join(tmpdir(), "wsimd-runtimes-"));

/** Runs everything on a runtime; undefined where that broke off. */
function resultsOn(name) {
  console.log(`--- ${name}`);
  const file = join(folder, `${name}.json`);
  const words = [join(root, "scripts/test.mjs"), "--runtime", name, "--json", file];
  spawnSync(process.execPath, words, { stdio: ["ignore", "inherit", "inherit"] });
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

const cells = (...texts) => `| ${texts.join(" | ")} |`;

/** A row for each folder of test/, a column for each runtime: passed, known to fail, failed. */
function tableOf(results) {
  const folderOf = ({ name }) => (name.includes("/") ? name.slice(0, name.indexOf("/")) : "");
  const folders = [...new Set(results.flatMap(({ files }) => files.map(folderOf)))].sort();
  const countsOf = (files) => {
    if (files.length === 0) return "";
    const sum = (key) => files.reduce((total, file) => total + file[key], 0);
    const known = sum("known") === 0 ? "" : `, ${sum("known")} known`;
    const failed = sum("failed") === 0 ? "" : `, ${sum("failed")} FAILED`;
    return `${sum("passed")}${known}${failed}`;
  };
  const rows = folders.map((one) =>
    cells(
      one === "" ? "sources" : one,
      ...results.map(({ files }) => countsOf(files.filter((file) => folderOf(file) === one))),
    ),
  );
  return [
    cells("test/", ...results.map(({ runtime }) => runtime)),
    cells("---", ...results.map(() => "---")),
    ...rows,
    cells("all", ...results.map(({ files }) => countsOf(files))),
  ];
}

const nameOf = (start) => `\`${start}\``;

function differencesAsTables() {
  const notRun = differences.notRun.map(({ on, files, reason }) =>
    cells(on.join(", "), files.map(nameOf).join(" "), reason),
  );
  const known = differences.knownFailures.map(({ on, file, tests, reason }) =>
    cells(on.join(", "), nameOf(file), String(tests.length), reason),
  );
  return [
    ...[cells("not run on", "files of test/", "as they are"), cells("---", "---", "---"), ...notRun],
    "",
    ...[cells("known to fail on", "file of test/", "tests", "why"), cells("---", "---", "---", "---"), ...known],
  ];
}

function writePage(results) {
  const lines = ["<!-- results -->", "", ...tableOf(results), "", ...differencesAsTables(), "", "<!-- end -->"];
  const text = readFileSync(page, "utf8");
  writeFileSync(
    page,
    text.replace(/<!-- results -->[\s\S]*<!-- end -->/, () => lines.join("\n")),
  );
}

const names = process.argv.length > 2 ? process.argv.slice(2) : runtimeNames;
const results = names.map(resultsOn);
rmSync(folder, { recursive: true, force: true });
const ran = results.filter((result) => result !== undefined);
console.log(tableOf(ran).join("\n"));
if (ran.length === runtimeNames.length) writePage(ran);
const sum = (key) => ran.reduce((total, result) => total + result[key], 0);
const failed = sum("failed") + (results.length - ran.length);
console.log(`${sum("passed")} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
