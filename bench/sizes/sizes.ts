// Weighs the package as a user's bundler leaves it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { entryBudgets, importBudgets, MODULE_BUDGET } from "./budgets.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Size {
  readonly name: string;
  /** Octets minified; of the module as it is. */
  readonly length: number;
  /** Octets minified and gzipped. */
  readonly gzippedLength: number;
  /** Octets that the budget allows, of the module as it is, else gzipped; undefined where it has none. */
  readonly budget: number | undefined;
}

const gzippedLength = (octets: Uint8Array): number => gzipSync(octets, { level: constants.Z_BEST_COMPRESSION }).length;

/** Whether a size is what its budget allows. */
export const isWithin = ({ name, length, gzippedLength, budget }: Size): boolean =>
  (name === "the module" ? length : gzippedLength) <= (budget ?? 0);

/** Bundles and minifies a file, or a program; modules of Node stay outside. */
async function minified(input: { readonly file: string } | { readonly program: string }): Promise<Uint8Array> {
  const source =
    "file" in input
      ? { entryPoints: [join(root, input.file)] }
      : { stdin: { contents: input.program, resolveDir: root, loader: "js" as const } };
  const { outputFiles } = await build({
    ...source,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["node:*"],
    logLevel: "error",
    logOverride: { "ignored-bare-import": "silent" }, // only the order of what is loaded, where it is loaded at all
  });
  return outputFiles[0]!.contents;
}

async function sizeOf(name: string, input: Parameters<typeof minified>[0], budget: number | undefined): Promise<Size> {
  const octets = await minified(input);
  return { name, length: octets.length, gzippedLength: gzippedLength(octets), budget };
}

type Conditions = { readonly import: { readonly default: string } } | string;

/** The module, every entry that is JavaScript, and what programs hold that import less than all of the core entry. */
export async function weigh(): Promise<Size[]> {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, Conditions>>;
  };
  const module = readFileSync(join(root, "dist/wsimd.wasm"));
  const sizes: Size[] = [
    { name: "the module", length: module.length, gzippedLength: gzippedLength(module), budget: MODULE_BUDGET },
  ];
  for (const [path, conditions] of Object.entries(exports)) {
    const file = typeof conditions === "string" ? conditions : conditions.import.default;
    if (!file.endsWith(".js")) continue;
    const name = path.replace(/^\./, "wsimd");
    sizes.push(await sizeOf(name, { file }, entryBudgets[name]));
  }
  for (const [names, budget] of Object.entries(importBudgets)) {
    const program = `import { ${names} } from "wsimd"; globalThis.used = [${names}];`;
    sizes.push(await sizeOf(`import { ${names} }`, { program }, budget));
  }
  return sizes;
}
