// Bundlers as their users run them, on a module of a user's folder: what each writes, by the names of the files.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import type { UserFolder } from "./user-folder.ts";

/** What a bundler wrote: the octets of each file, by its path with "/" between the parts. */
export type Bundle = ReadonlyMap<string, Uint8Array>;

/** The JavaScript of a bundle. */
export function scriptOf(bundle: Bundle): string {
  const scripts = [...bundle].filter(([name]) => name.endsWith(".js"));
  return scripts.map(([, octets]) => Buffer.from(octets).toString()).join("\n");
}

/** What a bundle takes of Node: its modules, by import or by require, and what Vite puts in their place. */
export function nodeIn(bundle: Bundle): string[] {
  return scriptOf(bundle).match(/["'`]node:[^"'`]*|\brequire\(|__vite-browser-external/g) ?? [];
}

function filesOf(folder: string): Bundle {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.map((path) => [relative(folder, path).replaceAll("\\", "/"), readFileSync(path)]));
}

interface EsbuildOptions {
  readonly conditions?: readonly string[];
  /** What the runtime has. */
  readonly external?: readonly string[];
  readonly minify?: boolean;
}

/** By esbuild; files that are imported and are no JavaScript are copied beside what it writes. */
export async function withEsbuild(
  folder: UserFolder,
  entry: string,
  { conditions, external = [], minify = false }: EsbuildOptions = {},
): Promise<Bundle> {
  const outdir = join(folder.path, "out-esbuild");
  const { outputFiles } = await esbuild({
    absWorkingDir: folder.path,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify,
    outdir,
    write: false,
    logLevel: "silent",
    loader: { ".wasm": "copy" },
    external: [...external],
    ...(conditions === undefined ? {} : { conditions: [...conditions] }),
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [relative(outdir, path).replaceAll("\\", "/"), contents] as const),
  );
}

/** By rollup, with its plugin that finds packages. */
export async function withRollup(folder: UserFolder, entry: string): Promise<Bundle> {
  const bundled = await rollup({
    input: join(folder.path, entry),
    plugins: [nodeResolve({ browser: true })],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const { output } = await bundled.generate({ format: "esm" });
  await bundled.close();
  return new Map(
    output.map((file) => [file.fileName, Buffer.from(file.type === "chunk" ? file.code : file.source)] as const),
  );
}

/** By Vite, from a page: its HTML is index.html. */
export async function withVite(folder: UserFolder, entry: string, minify = true): Promise<Bundle> {
  const outDir = join(folder.path, "out-vite");
  mkdirSync(outDir, { recursive: true });
  folder.write("index.html", `<!doctype html><title>test</title><script type="module" src="/${entry}"></script>`);
  await vite({
    root: folder.path,
    configFile: false,
    logLevel: "silent",
    build: { outDir, emptyOutDir: true, minify },
  });
  return filesOf(outDir);
}
