// The declarations of `wsimd/ws`: programs written for the `ws` package, in usage/, are compiled with `@types/ws`, then with the
// one word changed that imports it.
//
// Another compiler can be had: WSIMD_TYPESCRIPT=/path/to/typescript (5.4 or later), and other types of Node by WSIMD_NODE_TYPES.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../support/programs.ts";

const compiler = process.env.WSIMD_TYPESCRIPT ?? join(packageRoot, "node_modules/typescript");
const nodeTypes = process.env.WSIMD_NODE_TYPES ?? join(packageRoot, "node_modules/@types/node");
const major = Number.parseInt(JSON.parse(readFileSync(join(compiler, "package.json"), "utf8")).version, 10);
const usage = join(packageRoot, "test/types/usage");

const modes = {
  "an ES module": { type: "module", module: "node16", exactOptionalPropertyTypes: true },
  CommonJS: { type: "commonjs", module: "node16", exactOptionalPropertyTypes: false },
  "a bundled module": {
    type: "module",
    module: "esnext",
    moduleResolution: "bundler",
    exactOptionalPropertyTypes: true,
  },
  "CommonJS without esModuleInterop": { type: "commonjs", module: "node16", esModuleInterop: false },
};

/** Compiles folders of usage/ in one of its own and resolves with what the compiler complains of. */
async function complaints(folders: readonly string[], specifier: string, mode: keyof typeof modes): Promise<string> {
  const { type, ...options } = modes[mode];
  const root = mkdtempSync(join(tmpdir(), "wsimd-types-"));
  try {
    mkdirSync(join(root, "node_modules/@types"), { recursive: true });
    cpSync(join(packageRoot, "node_modules/@types/ws"), join(root, "node_modules/@types/ws"), {
      recursive: true,
      dereference: true,
    });
    symlinkSync(nodeTypes, join(root, "node_modules/@types/node"), "junction");
    installDeclarations(join(root, "node_modules/wsimd"));
    writeFileSync(join(root, "package.json"), JSON.stringify({ type, private: true }));
    const strict = { strict: true, skipLibCheck: false, noEmit: true, target: "es2022" };
    const compilerOptions = { ...strict, types: ["node"], ...options };
    writeFileSync(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*"] }));
    for (const folder of folders) copyUsage(join(usage, folder), root, specifier);
    return await tsc(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What imports both packages is left as it is. */
function copyUsage(from: string, to: string, specifier: string): void {
  for (const name of readdirSync(from)) {
    const source = readFileSync(join(from, name), "utf8");
    const changed = source.includes('"wsimd/ws"') ? source : source.replaceAll('"ws"', JSON.stringify(specifier));
    writeFileSync(join(to, name), changed);
  }
}

/** The package as far as a compiler sees it. */
function installDeclarations(folder: string): void {
  mkdirSync(folder);
  for (const name of readdirSync(join(packageRoot, "bindings/ws"))) {
    if (/\.d\.[cm]ts$/.test(name)) cpSync(join(packageRoot, "bindings/ws", name), join(folder, name));
  }
  const entry = { import: { types: "./ws.d.mts" }, require: { types: "./ws.d.cts" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "wsimd", exports: { "./ws": entry } }));
}

function tsc(folder: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(compiler, "bin/tsc"), "-p", "."], { cwd: folder }, (error, stdout) =>
      resolve(stdout || (error?.message ?? "")),
    );
  });
}

const test = suite("types of wsimd/ws");

for (const mode of ["an ES module", "CommonJS", "a bundled module"] as const) {
  const application = mode === "a bundled module" ? ["application"] : ["application", "required"];

  test(`${mode}: an application compiles with the types of ws`, async () => {
    assert.is(await complaints(application, "ws", mode), "");
  });

  test(`${mode}: it compiles with wsimd/ws, and so does what ws has beyond its types`, async () => {
    assert.is(await complaints([...application, "beyond"], "wsimd/ws", mode), "");
  });
}

for (const mode of ["an ES module", "CommonJS"] as const) {
  test(`${mode}: a socket, its options and its events are those of the types of ws`, async () => {
    assert.is(await complaints(["both"], "ws", mode), "");
  });
}

test("what ws has beyond its types does not compile with them", async () => {
  assert.match(await complaints(["beyond"], "ws", "an ES module"), /beyond\.ts.*'PerMessageDeflate'/);
});

// Later compilers know esModuleInterop alone.
if (major < 6) {
  for (const specifier of ["ws", "wsimd/ws"]) {
    test(`without esModuleInterop, the namespace is the class: ${specifier}`, async () => {
      assert.is(await complaints(["without-interop"], specifier, "CommonJS without esModuleInterop"), "");
    });
  }
}

test.run();
