// Puts together what is published on JSR: the sources that the exports of jsr.json reach, the module as the build wrote it, and the
// loader of AssemblyScript as a file of the package, so that who uses it installs nothing else. A folder of its own, for git
// ignores the one and knows the other by a name alone.
//
//   node scripts/jsr.mjs FOLDER              writes it
//   node scripts/jsr.mjs FOLDER --dry-run    and has Deno, of scripts/peers.mjs, check it as it would to publish it

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");

const LOADER = "@assemblyscript/loader";

/** What a source imports by a path, from the package's root. */
const importsOf = (path, text) =>
  [...text.matchAll(/\b(?:from|import) ?\(?"(\.[^"]+)"/g)].map(([, name]) => posix.join(posix.dirname(path), name));

/** A source and all that it reaches, by their paths. */
function collect(path, sources) {
  if (sources.has(path)) return;
  const text = read(path);
  const loader = posix.relative(posix.dirname(path), "loader/index.js");
  sources.set(path, text.replaceAll(`"${LOADER}"`, `"${loader}"`));
  for (const imported of importsOf(path, text)) collect(imported, sources);
}

/** Writes the package into a folder. */
function stage(folder) {
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const manifest = JSON.parse(read("jsr.json"));
  const sources = new Map();
  for (const path of Object.values(manifest.exports)) collect(posix.normalize(path), sources);
  for (const [path, text] of sources) write(path, text);
  for (const path of ["jsr.json", "README.md", "LICENSE", "CHANGELOG.md"]) cpSync(join(root, path), join(folder, path));
  const loader = `node_modules/${LOADER}`;
  const { version, license } = JSON.parse(read(`${loader}/package.json`));
  write(
    "loader/index.js",
    `/* @ts-self-types="./index.d.ts" */\n// ${LOADER} ${version}, ${license}\n${read(`${loader}/index.js`)}`,
  );
  // JSR refuses a directive that changes what others are compiled with; Deno has the library anyway.
  write("loader/index.d.ts", read(`${loader}/index.d.ts`).replace(/^\/\/\/ .*\n/gm, ""));
}

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined) {
  console.error("node scripts/jsr.mjs FOLDER [--dry-run]");
  process.exit(1);
}
stage(folder);
if (flags.includes("--dry-run")) {
  const { status } = spawnSync(join(root, ".peers/deno"), ["publish", "--dry-run"], { cwd: folder, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
