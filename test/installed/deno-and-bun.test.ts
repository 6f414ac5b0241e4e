// The packed package in empty projects of Deno's and Bun's: from the tarball, and from a registry by its name; an echo in each.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { assertEchoes, emptyProject, npmInstall, projectSuite, run } from "../package/project.ts";
import { packageRoot } from "../support/programs.ts";

const test = projectSuite("installed / Deno and Bun");

const peer = (name: string): string => join(packageRoot, ".peers", name);

for (const name of ["deno", "bun"]) {
  test(`${name} is there`, () => assert.ok(existsSync(peer(name)), `node scripts/peers.mjs ${name}`));
}

/** Nothing but the sockets of this machine: what it reads of the package needs no permission. */
const denoOptions = ["run", "--no-prompt", "--allow-net=127.0.0.1", "--quiet"];

test("Deno runs it from node_modules, with permission for the network alone", async (projects) => {
  const folder = emptyProject(projects, "deno-modules", "echo.deno.ts");
  await npmInstall(projects, folder);
  const env = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: join(projects.root, "deno-modules-cache") };
  await assertEchoes(folder, peer("deno"), [...denoOptions, "--node-modules-dir=manual", "echo.deno.ts"], env);
});

test("Deno runs it as npm:wsimd from a registry, with permission for the network alone", async (projects) => {
  const { root, registry } = projects;
  const folder = emptyProject(projects, "deno-npm", "echo.deno.ts");
  const env = {
    DENO_NO_UPDATE_CHECK: "1",
    DENO_NO_PACKAGE_JSON: "1",
    DENO_DIR: join(root, "deno-npm-cache"),
    NPM_CONFIG_REGISTRY: registry.url,
  };
  await assertEchoes(folder, peer("deno"), [...denoOptions, "echo.deno.ts"], env);
  assert.not.ok(existsSync(join(folder, "node_modules")), "it came from the registry");
});

for (const from of ["the tarball", "a registry"] as const) {
  test(`Bun adds it from ${from} and runs it`, async (projects) => {
    const { root, registry, tarball } = projects;
    const folder = emptyProject(projects, `bun from ${from}`, "echo.bun.ts");
    writeFileSync(join(folder, "bunfig.toml"), `[install]\nregistry = "${registry.url}"\n`);
    const env = { ...process.env, BUN_INSTALL_CACHE_DIR: join(root, `cache from ${from}`) };
    const what = from === "a registry" ? "wsimd" : tarball;
    await run(peer("bun"), ["add", what], { cwd: folder, env });
    assert.ok(existsSync(join(folder, "node_modules/wsimd/package.json")));
    await assertEchoes(folder, peer("bun"), ["echo.bun.ts"]);
  });
}

test.run();
