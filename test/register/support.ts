// Applications in temporary folders, with packages that were never installed by npm but lie where it puts them.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { Program, packageRoot } from "../support/programs.ts";

/** Texts by path. */
export type Files = Readonly<Record<string, string>>;

/** Puts files below a folder. */
export const below = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));

/** A package whose exports tell where they are from: `origin` is as in "ws@8.1.0". */
export function fakePackage(name: string, version: string, exports?: object): Files {
  const origin = JSON.stringify(`${name}@${version}`);
  return {
    "package.json": JSON.stringify({ name, version, main: "index.js", exports }),
    "index.js": `module.exports = class { static origin = ${origin}; static WebSocketServer = class {}; };`,
    "wrapper.mjs": 'import fake from "./index.js"; export const { WebSocketServer } = fake; export default fake;',
    "lib/receiver.js": `exports.origin = ${origin};`,
  };
}

/** As ws is laid out from 8 on: subpaths cannot be asked for. */
export const fakeWs = (version: string): Files =>
  below(
    "node_modules/ws",
    version.startsWith("8")
      ? fakePackage("ws", version, {
          ".": { import: "./wrapper.mjs", require: "./index.js" },
          "./package.json": "./package.json",
        })
      : fakePackage("ws", version),
  );

/** A package that hands on what it gets as ws. */
export const dependent = (name: string, kind: "cjs" | "esm"): Files =>
  below(`node_modules/${name}`, {
    "package.json": JSON.stringify({ name, exports: kind === "cjs" ? "./index.cjs" : "./index.mjs" }),
    "index.cjs": 'module.exports = require("ws");',
    "index.mjs": 'export { default } from "ws";',
  });

/** `whose(value)`: "wsimd" for the class of wsimd/ws, "ws@8.1.0" for a fake one's. */
const whose = 'module.exports = (value) => (value === require("wsimd/ws") ? "wsimd" : value.origin);';

export class Application {
  /** Without symbolic links, so that paths that Node tells begin with it. */
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), "wsimd-register-")));

  constructor(...files: readonly Files[]) {
    this.write({ "package.json": '{ "name": "application" }', "whose.cjs": whose }, ...files);
    mkdirSync(join(this.folder, "node_modules"), { recursive: true });
    symlinkSync(packageRoot, join(this.folder, "node_modules/wsimd"), "junction");
  }

  write(...files: readonly Files[]): void {
    for (const [path, text] of files.flatMap((some) => Object.entries(some))) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  private program(args: readonly string[], env: Record<string, string>): Program {
    return new Program(process.execPath, args, this.folder, { WSIMD_REGISTER: "", NODE_OPTIONS: "", ...env });
  }

  /** Runs Node in the folder. @returns the value that the program printed as JSON, and what it wrote to stderr */
  async run(
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ readonly value: unknown; readonly stderr: string }> {
    const program = this.program(args, env);
    assert.is(await program.ended, 0, program.stderr);
    return { value: program.stdout === "" ? undefined : JSON.parse(program.stdout), stderr: program.stderr };
  }

  /** Runs Node, which has to fail. @returns what it wrote to stderr */
  async fail(args: readonly string[], env: Record<string, string>): Promise<string> {
    const program = this.program(args, env);
    assert.is(await program.ended, 1, program.stderr);
    return program.stderr;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Both ways to preload it. */
export const preloads = [
  ["--import", "wsimd/register"],
  ["--require", "wsimd/register"],
] as const;

/** What a program that asks for ws begins with. */
export const esmHead = `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const whose = require("./whose.cjs");
const print = (value) => console.log(JSON.stringify(value));
const fault = (run) => { try { run(); return "none"; } catch (error) { return error.code; } };
`;
