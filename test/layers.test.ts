// The shape of the code: which folder may import which, what stays out of the platform-neutral part, that every suite runs,
// and that package.json names files that exist. Reads sources as text.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "./support/programs.ts";

/** Paths of a folder's TypeScript files, from the package's root, with "/" between their parts. */
function sourcesOf(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll("\\", "/")}`)
    .filter((name) => name.endsWith(".ts"))
    .sort();
}

const textOf = (file: string): string => readFileSync(join(packageRoot, file), "utf8");

/** The text without comments and without the contents of strings: what is left is code. */
function codeOf(text: string): string {
  const pattern = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return text.replace(pattern, (found) => (/^["'`]/.test(found) ? '""' : " "));
}

/** What a file imports or re-exports, as written. */
function importsOf(text: string): string[] {
  return [
    ...text.matchAll(/^(?:import|export)\b[^;"]*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm),
  ].map(([, from, bare, dynamic]) => (from ?? bare ?? dynamic)!);
}

const bindings = sourcesOf("bindings");

/** Each file's imports of our own, as paths. */
const graph = new Map(
  bindings.map((file) => [
    file,
    importsOf(textOf(file))
      .filter((name) => name.startsWith("."))
      .map((name) => normalize(join(dirname(file), name)).replaceAll("\\", "/")),
  ]),
);

// The lowest first. A file may import its own layer and those below; files directly in bindings/ that are not named here
// are entries, above all folders of the platform-neutral part.
const layers: readonly (readonly string[])[] = [
  ["assembly/constants.ts", "bindings/share.ts", "bindings/short-text.ts", "bindings/codes.ts"],
  ["bindings/host.ts"],
  ["bindings/errors/"],
  ["bindings/options.ts"],
  ["bindings/kernel/", "bindings/handshake/"],
  ["bindings/codec/"],
  ["bindings/connection/", "bindings/drop-in/"],
  ["bindings/deflate/"],
  ["bindings/index.ts", "bindings/wasm.ts", "bindings/socket/"],
  ["bindings/server/"],
  ["bindings/runtime/", "bindings/web/"],
  ["bindings/node/", "bindings/deno/", "bindings/bun/"],
  ["bindings/ws/"],
  ["bindings/bin/", "bindings/register/"],
];

/** Layers that stand side by side may not import each other. */
const layerOf = (file: string): readonly [level: number, name: string] | undefined => {
  for (const [level, names] of layers.entries()) {
    const name = names.find((prefix) => file.startsWith(prefix));
    if (name !== undefined) return [level, name];
  }
  return undefined;
};

const shape = suite("layers");

shape("every file under bindings/ belongs to a layer", () => {
  assert.ok(bindings.length > 30, `${bindings.length} files found`);
  assert.equal(
    bindings.filter((file) => layerOf(file) === undefined),
    [],
  );
});

shape("the reader of imports sees them: every import names a file that exists", () => {
  const count = [...graph.values()].flat().length;
  assert.ok(count > 100, `${count} imports found`);
  for (const [file, imports] of graph) {
    for (const name of imports) assert.ok(existsSync(join(packageRoot, name)), `${file} imports ${name}`);
    const mentioned = textOf(file).match(/ from "\./g) ?? [];
    assert.is(imports.length, mentioned.length, `${file}: imports seen, and mentioned`);
  }
});

shape("imports never point up, nor to a neighbour layer (docs/design.md)", () => {
  const wrong: string[] = [];
  for (const [file, imports] of graph) {
    const [level, name] = layerOf(file)!;
    for (const imported of imports) {
      const [otherLevel, otherName] = layerOf(imported) ?? [Number.POSITIVE_INFINITY, imported];
      if (otherLevel > level || (otherLevel === level && otherName !== name)) wrong.push(`${file} -> ${imported}`);
    }
  }
  assert.equal(wrong, []);
});

shape("there are no cycles, types included", () => {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    for (const imported of graph.get(file) ?? []) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of bindings) visit(file, []);
  assert.equal(cycles, []);
});

const isNeutral = (file: string): boolean => !/^bindings\/(runtime|node|deno|bun|ws|bin|register)\//.test(file);

shape("outside the folders of Node nothing imports node: or any package but the loader", () => {
  const wrong: string[] = [];
  for (const file of bindings.filter(isNeutral)) {
    for (const name of importsOf(textOf(file))) {
      const isLoader = name === "@assemblyscript/loader" && file.startsWith("bindings/kernel/");
      if (!name.startsWith(".") && !isLoader) wrong.push(`${file} imports ${name}`);
    }
  }
  assert.equal(wrong, []);
});

shape("outside the folders of Node and host.ts no code names Buffer, process or require", () => {
  const wrong: string[] = [];
  for (const file of bindings.filter(isNeutral)) {
    if (file === "bindings/host.ts") continue;
    for (const [word] of codeOf(textOf(file)).matchAll(/\b(?:Buffer|process|require|__dirname)\b/g)) {
      wrong.push(`${file}: ${word}`);
    }
  }
  assert.equal(wrong, []);
});

shape("no declaration of the neutral part needs Node's types", () => {
  for (const file of bindings.filter(isNeutral)) {
    const declaration = textOf(`build/${file.replace(/\.ts$/, ".d.ts")}`);
    assert.not.match(declaration, /reference types="node"|\bNodeJS\.|from "node:/, file);
  }
});

shape.run();

const suites = suite("suites");

suites("every suite has its run(), every test file a suite, and no test is alone or left out (only, skip)", () => {
  const sources = sourcesOf("test");
  // A suite comes from uvu's `suite`, or from a helper that returns a Test, or several as one.
  const helpers = sources.flatMap((file) => [
    ...textOf(file).matchAll(/\bfunction (\w+)\([^)]*\): (?:Test|SuiteOfServers)\b/g),
  ]);
  const makers = ["suite", ...helpers.map(([, name]) => name!)].join("|");
  const files = sources.filter((file) => file.endsWith(".test.ts"));
  assert.ok(files.length > 10);
  const wrong: string[] = [];
  for (const file of files) {
    const code = codeOf(textOf(file));
    // The scenarios of ws become suites, and are run, in test/ws/run.ts.
    if (/\brunArea\(/.test(code)) continue;
    const namesIn = (pattern: string): string[] =>
      [...code.matchAll(new RegExp(pattern, "g"))].map(([, name]) => name!).sort();
    const made = namesIn(`\\bconst (\\w+)(?:: Test)? = (?:${makers})(?:<\\w+>)?\\(`);
    const run = namesIn("\\b(\\w+)\\.run\\(\\)");
    if (made.length === 0) wrong.push(`${file}: no suite`);
    if (made.length !== namesIn(`\\b(${makers})(?:<\\w+>)?\\(`).length) wrong.push(`${file}: a suite without a name`);
    if (made.join() !== run.join()) wrong.push(`${file}: made ${made}, run ${run}`);
    for (const name of new Set(made)) {
      for (const other of namesIn(`\\b${name}\\.(only|skip)\\(`)) wrong.push(`${file}: ${name}.${other}`);
    }
  }
  assert.equal(wrong, []);
});

suites.run();

const manifest = suite("package.json");

interface Manifest {
  readonly version: string;
  readonly bin: Record<string, string>;
  readonly files: readonly string[];
  readonly exports: Record<string, unknown>;
  readonly dependencies?: Record<string, string>;
}

const { version, bin, files, exports, dependencies } = JSON.parse(textOf("package.json")) as Manifest;

/** The paths at the leaves of an exports object. */
function leavesOf(value: unknown): string[] {
  return typeof value === "string" ? [value] : Object.values(value as object).flatMap(leavesOf);
}

manifest("every path that exports and bin name is built, and inside what is published", () => {
  const paths = [...leavesOf(exports), ...Object.values(bin)];
  assert.ok(paths.length >= 9);
  for (const path of paths) {
    assert.ok(existsSync(join(packageRoot, path)), `${path} is not there`);
    const isPublished = path === "./package.json" || files.some((file) => path.startsWith(`./${file}/`));
    assert.ok(isPublished, `${path} is not published`);
  }
});

manifest("types come before default under each condition, since the first match counts", () => {
  for (const [name, conditions] of Object.entries(exports)) {
    if (typeof conditions === "string") continue;
    for (const target of Object.values(conditions as Record<string, object>)) {
      if (typeof target === "object") assert.equal(Object.keys(target), ["types", "default"], name);
    }
  }
});

manifest("what a platform's own condition names comes before import and require, which that platform has too", () => {
  for (const [name, conditions] of Object.entries(exports)) {
    if (typeof conditions === "string") continue;
    const others = Object.keys(conditions as object).filter((condition) => !/^(import|require)$/.test(condition));
    assert.equal(Object.keys(conditions as object), [...others, "import", "require"], name);
  }
});

manifest(
  "the entries for workerd are kept for their side effect, by the lists of both package.json that bundlers read",
  () => {
    const listed = (folder: string): string[] =>
      (JSON.parse(textOf(`${folder}package.json`)) as { sideEffects: string[] }).sideEffects.map((path) =>
        normalize(join(folder, path)),
      );
    for (const entry of [".", "./web"]) {
      const { workerd } = exports[entry] as { workerd: { default: string } };
      for (const folder of ["", "dist/esm/"]) assert.ok(listed(folder).includes(normalize(workerd.default)), folder);
    }
  },
);

manifest("the module is marked with the package and its version", () => {
  const module = new WebAssembly.Module(new Uint8Array(readFileSync(join(packageRoot, "dist/wsimd.wasm"))));
  const marks = WebAssembly.Module.customSections(module, "wsimd").map((octets) => Buffer.from(octets).toString());
  assert.equal(marks, [`wsimd@${version}`]);
});

manifest("no runtime dependency reaches the user", () => {
  assert.is(dependencies, undefined);
});

manifest("the version that builds share their registry under is the package's", () => {
  assert.ok(textOf("bindings/share.ts").includes(`"wsimd@${version}"`));
});

manifest.run();
