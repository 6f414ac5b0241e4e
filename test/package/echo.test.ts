// The packed package in empty projects of Node's: ES modules, CommonJS, and TypeScript compiled in two ways; an echo in each.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { assertEchoes, emptyProject, npmInstall, projectSuite, run } from "./project.ts";

const test = projectSuite("package / echo on Node");
const require = createRequire(import.meta.url);

for (const program of ["echo.mjs", "echo.cjs"]) {
  test(`${program} runs where the tarball is installed`, async (projects) => {
    const folder = emptyProject(projects, program, program);
    await npmInstall(projects, folder);
    await assertEchoes(folder, process.execPath, [program]);
  });
}

for (const [moduleResolution, module] of [
  ["node16", "node16"],
  ["bundler", "esnext"],
] as const) {
  test(`echo.ts is compiled under moduleResolution ${moduleResolution}, and runs`, async (projects) => {
    const folder = emptyProject(projects, moduleResolution, "echo.ts", { type: "module" });
    await npmInstall(projects, folder);
    mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
    symlinkSync(dirname(require.resolve("@types/node/package.json")), join(folder, "node_modules/@types/node"), "dir");
    const compilerOptions = {
      strict: true,
      target: "ES2022",
      lib: ["ES2022", "DOM"],
      types: ["node"],
      module,
      moduleResolution,
      outDir: "out",
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["echo.ts"] }));
    const packageOfTypeScript = require.resolve("typescript/package.json");
    const tsc = join(dirname(packageOfTypeScript), require(packageOfTypeScript).bin.tsc as string);
    const { stdout } = await run(process.execPath, [tsc], { cwd: folder }).catch((error: { stdout: string }) => error);
    assert.is(stdout, "");
    await assertEchoes(folder, process.execPath, ["out/echo.js"]);
  });
}

test.run();
