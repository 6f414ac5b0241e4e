// Builds everything in four steps: asc -> the module as text -> tsc -> rollup and the declarations.
// `node scripts/build.mjs` leaves build/ (compiled sources, tests and benches) and dist/ (what is published).

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import resolve from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

/** Runs a package's own command with this Node and stops the build where it fails. */
function run(packageName, binName, ...args) {
  const manifest = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
  const bin = JSON.parse(readFileSync(manifest, "utf8")).bin;
  const script = join(dirname(manifest), typeof bin === "string" ? bin : bin[binName]);
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  if (status !== 0) {
    console.error(`build: ${binName} failed`);
    process.exit(status ?? 1);
  }
}

/** Marks the module with the package and its version, in a custom section: 0, length, length of the name, name, content. */
function markModule(path) {
  const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
  const content = Buffer.from(`${name}@${version}`);
  const section = Buffer.concat([Buffer.of(name.length), Buffer.from(name), content]);
  if (section.length > 127) throw new Error("a length of more than one octet is not written");
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(0, section.length), section]));
}

function writeModuleSource() {
  const base64 = (target) => readFileSync(`build/module/${target}.wasm`).toString("base64");
  writeFileSync(
    "bindings/kernel/module.ts",
    `// Written by scripts/build.mjs from assembly/.\nexport const moduleBase64: string =\n  "${base64("release")}";\n`,
  );
}

const entries = {
  index: "bindings/index",
  deflate: "bindings/deflate/index",
  wasm: "bindings/wasm",
  node: "bindings/node/index",
  deno: "bindings/deno/index",
  bun: "bindings/bun/index",
  web: "bindings/web/index",
  bufferutil: "bindings/drop-in/bufferutil",
  "utf-8-validate": "bindings/drop-in/utf-8-validate",
};
const commands = { "bin/wsimd": "bindings/bin/wsimd" };
/** What an entry for one platform needs of the inside; no entry of the package. */
const internals = { kernel: "bindings/kernel/select" };
const register = { register: "bindings/register/index", "register-hooks": "bindings/register/hooks-thread" };

/**
 * Entries that are one module both ways, as the packages that they replace are: `commonjs.ts`, whose default export becomes
 * `module.exports`, is built, and imported through a wrapper with the names of `index.ts`.
 */
const replacements = ["ws"];

/** What `require` gives where that is not what `import` does: of an entry with names and a default the names, or a default alone. */
const required = {
  ...Object.fromEntries(replacements.map((name) => [name, `bindings/${name}/commonjs`])),
  bufferutil: "bindings/drop-in/masks",
  register: "bindings/register/commonjs",
};

/** Declarations that are written, not compiled: `require` gives a function, or a module, itself. */
const declared = ["bindings/drop-in/utf-8-validate.d.cts", "bindings/wasm.d.cts"];

/** Commands are run and hooks imported, neither is required: they are in the ESM build alone. */
const formats = [
  { format: "esm", type: "module", sources: { ...entries, ...commands, ...internals, ...register } },
  { format: "cjs", type: "commonjs", sources: { ...entries, ...required }, written: declared },
];

/** Writes the wrapper of a replacement. */
async function wrapReplacement(name) {
  const names = Object.keys(await import(pathToFileURL(`build/bindings/${name}/index.js`))).sort();
  const named = names.filter((exported) => exported !== "default");
  const lines = [
    `import replacement from "../cjs/${name}.js";`,
    `export const { ${named.join(", ")} } = replacement;`,
    "export default replacement;",
  ];
  writeFileSync(`dist/esm/${name}.js`, `${lines.join("\n")}\n`);
}

/**
 * What the conditions of runtimes that compile nothing at run time name. They take the file as a compiled module from an import,
 * which their bundlers leave as it is: by a relative path that ends in .wasm, for Vercel's in .wasm?module.
 */
const platformEntries = {
  "workerd/index.js": [
    'import module from "../../wsimd.wasm";',
    'import { provideModule } from "../kernel.js";',
    "provideModule(module);",
    'export * from "../index.js";',
  ],
  "workerd/web.js": [
    'import module from "../../wsimd.wasm";',
    'import { provideModule } from "../kernel.js";',
    "provideModule(module);",
    'export * from "../web.js";',
  ],
  "workerd/wasm.js": ['export { default } from "../../wsimd.wasm";'],
  "edge-light/wasm.js": ['export { default } from "../../wsimd.wasm?module";'],
};

function writePlatformEntries() {
  for (const [path, lines] of Object.entries(platformEntries)) {
    mkdirSync(dirname(`dist/esm/${path}`), { recursive: true });
    writeFileSync(`dist/esm/${path}`, `${lines.join("\n")}\n`);
  }
}

/**
 * Two chunks that are given, the rest is as rollup finds it: every file costs an import some 0.6 ms, and the core entry made
 * of eleven took twice as long to load as of these (`npm run bench:start`). One has what all entries use, up to frames; the
 * other the endpoint and the handshake, which the drop-ins need not read.
 */
function chunkOf(id) {
  if (/[/\\](@assemblyscript|build[/\\]assembly|bindings[/\\](errors|kernel|codec))[/\\]/.test(id)) return "base";
  if (/bindings[/\\](share|short-text|codes|host|options)\.js$/.test(id)) return "base";
  return /bindings[/\\](connection|handshake)[/\\]/.test(id) ? "endpoint" : undefined;
}

async function bundle() {
  for (const { format, type, sources, written = [] } of formats) {
    const dir = `dist/${format}`;
    const input = Object.fromEntries(Object.entries(sources).map(([name, path]) => [name, `build/${path}.js`]));
    const treeshake = { moduleSideEffects: false };
    const bundled = await rollup({ input, plugins: [resolve()], external: /^node:/, treeshake });
    await bundled.write({
      dir,
      format,
      entryFileNames: "[name].js",
      chunkFileNames: "chunks/[name]-[hash].js",
      ...(format === "esm" ? { manualChunks: chunkOf } : {}),
      exports: "auto", // CommonJS: an entry with a default alone is that
      banner: (chunk) => (chunk.fileName.startsWith("bin/") && chunk.isEntry ? "#!/usr/bin/env node" : ""),
    });
    const isDeclaration = (path) => !/\.[a-z]+$/.test(path) || path.endsWith(".d.ts");
    for (const tree of ["bindings", "assembly"])
      cpSync(`build/${tree}`, `${dir}/${tree}`, { recursive: true, filter: isDeclaration });
    for (const path of written) cpSync(path, `${dir}/${path}`);
    writeFileSync(
      `${dir}/package.json`,
      `${JSON.stringify({ type, sideEffects: ["./register.js", "./workerd/index.js", "./workerd/web.js"] })}\n`,
    );
    await bundled.close();
  }
  for (const name of replacements) await wrapReplacement(name);
}

/** Declarations that are written by hand: one folder for both formats, as the one for `import` builds on the one for `require`. */
function copyDeclarations() {
  mkdirSync("dist/ws", { recursive: true });
  for (const name of readdirSync("bindings/ws")) {
    if (/\.d\.[cm]ts$/.test(name)) cpSync(`bindings/ws/${name}`, `dist/ws/${name}`);
  }
}

console.error("building wsimd: a few seconds");
rmSync("dist", { recursive: true, force: true });
rmSync("build", { recursive: true, force: true });
mkdirSync("build/module", { recursive: true });
run("assemblyscript", "asc", "--config", "asconfig.json", "--target", "release");
run("assemblyscript", "asc", "--config", "asconfig.json", "--target", "debug");
run("assemblyscript", "asc", "--config", "test/exhaustive/judge/asconfig.json");
markModule("build/module/release.wasm");
writeModuleSource();
run("typescript", "tsc", "--project", "tsconfig.json");
writeFileSync("build/package.json", '{ "type": "module" }\n');
await bundle();
cpSync("build/module/release.wasm", "dist/wsimd.wasm");
writePlatformEntries();
copyDeclarations();
