// Installs the replacements in this thread, once, whichever builds of wsimd/register it loads.

import { existsSync, readFileSync } from "node:fs";
import { isMainThread, parentPort } from "node:worker_threads";
import { UsageError } from "../errors/classes.ts";
import { share } from "../share.ts";
import { registerMode } from "./environment.ts";
import { patchRequire, resolveHook } from "./hooks.ts";
import type { HooksData } from "./hooks-thread.ts";
import { Module } from "./node-module.ts";
import { Replacements, replacedVersions } from "./replacements.ts";
import { silence, tell } from "./tell.ts";

/** Node runs --require in the thread of `module.register`'s hooks too, where hooks of its own end the process on Node 22. */
const isHooksThread = !isMainThread && parentPort === null;

const state: { isInstalled: boolean } = share("register", { isInstalled: false });

/**
 * @param entry   the URL of the file that installs, in esm/ or cjs/
 * @throws UsageError for a wrong WSIMD_REGISTER, inside a bundle, and on Node before 20.6
 */
export function install(entry: string): void {
  const mode = registerMode();
  if (mode === "off" || isHooksThread || state.isInstalled) return;
  state.isInstalled = true;
  const isVerbose = mode === "verbose";
  const builds = new URL("../", entry).href;
  if (!existsSync(new URL("cjs/register.js", builds)))
    throw new UsageError("WS_OPTION", "wsimd/register cannot be part of a bundle: it names files of its package");
  const replacements = new Replacements(builds, isVerbose ? tell : silence);
  if (Module.registerHooks !== undefined) Module.registerHooks({ resolve: resolveHook(replacements) });
  else if (Module.register !== undefined) {
    const data: HooksData = { builds, isVerbose };
    Module.register(new URL("esm/register-hooks.js", builds).href, { data });
  } else throw new UsageError("WS_OPTION", "wsimd/register needs Node 20.6 or later, for module.register");
  patchRequire(replacements);
  if (isVerbose && isMainThread) {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", builds), "utf8")) as { version: string };
    tell(`wsimd ${version} replaces ${replacedVersions}`);
  }
}
