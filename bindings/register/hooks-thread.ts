// What `module.register` loads into the thread of the hooks, on Node before 22.15.

import { asyncResolveHook } from "./hooks.ts";
import type { AsyncResolveHook } from "./node-module.ts";
import { Replacements } from "./replacements.ts";
import { silence, tell } from "./tell.ts";

/** What the application's thread hands over. */
export interface HooksData {
  readonly builds: string;
  readonly isVerbose: boolean;
}

let hook: AsyncResolveHook | undefined;

export function initialize({ builds, isVerbose }: HooksData): void {
  hook = asyncResolveHook(new Replacements(builds, isVerbose ? tell : silence));
}

export const resolve: AsyncResolveHook = (specifier, context, next) => hook!(specifier, context, next);
