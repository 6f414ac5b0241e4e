// Empty projects that the packed package is installed into, and the programs of programs/ that run there: what a new user does.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { suite, type Test } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "ws";
import { Program, packageRoot } from "../support/programs.ts";
import { pack, Registry } from "./registry.ts";

export const run: (
  command: string,
  words: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
) => Promise<{ readonly stdout: string; readonly stderr: string }> = promisify(execFile);

/** What the suites of such projects share. */
export interface Projects {
  /** Holds all of them; goes away with the suite. */
  root: string;
  tarball: string;
  /** On loopback; it has the package, and nothing else. */
  registry: Registry;
}

/** A suite whose tests are given the packed package. The caller runs it. */
export function projectSuite(topic: string): Test<Projects> {
  const test = suite<Projects>(topic, { root: "", tarball: "", registry: new Registry() });
  test.before(async (context) => {
    try {
      context.root = mkdtempSync(join(tmpdir(), "wsimd-projects-"));
      const { filename } = await pack(packageRoot, context.root);
      context.tarball = join(context.root, filename);
      await context.registry.listen();
      await context.registry.publish(packageRoot, context.root);
    } catch (error) {
      console.error(error); // uvu tells nothing of a hook that throws
      throw error;
    }
  });
  test.after(({ root, registry }) => {
    registry.close();
    rmSync(root, { recursive: true, force: true });
  });
  return test;
}

/** An empty project with one of the programs in it; returns its folder. */
export function emptyProject({ root }: Projects, name: string, program: string, manifest: object = {}): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, ...manifest }));
  cpSync(join(packageRoot, "test/package/programs", program), join(folder, program));
  return folder;
}

/** Installs the tarball as npm does, without a network. */
export async function npmInstall({ tarball }: Projects, folder: string): Promise<void> {
  const quiet = ["--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  await run("npm", ["install", tarball, ...quiet], { cwd: folder });
}

/** Starts an echo server, has ws's client talk with it, and ends it; it must not have complained. */
export async function assertEchoes(
  folder: string,
  command: string,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const program = new Program(command, [...words, "0"], folder, env);
  const [, url] = await program.line(/^(ws:\/\/\S+)\n/m);
  const client = new WebSocket(url!);
  await once(client, "open");
  const answers: unknown[] = [];
  for (const message of ["as a new user é語😀", Buffer.alloc(70_000, 7)]) {
    client.send(message);
    const [data, isBinary] = (await once(client, "message")) as [Buffer, boolean];
    answers.push(isBinary ? Buffer.compare(data, message as Buffer) : data.toString());
  }
  client.close(1000, "done");
  const [code] = await once(client, "close");
  await program.stop();
  assert.equal(answers, ["as a new user é語😀", 0]);
  assert.is(code, 1000);
  assert.is(program.stderr, "");
}
