// The three places where Node resolves a name: `require`, `import` in the application's thread, and `import` on a Node whose
// hooks have a thread of their own.

import { fileURLToPath, pathToFileURL } from "node:url";
import { type AsyncResolveHook, Module, type ResolveContext, type Resolved, type ResolveHook } from "./node-module.ts";
import { isReplaceable, type Replacements } from "./replacements.ts";

/**
 * Makes `require`, `require.resolve` and `createRequire` find replacements. Hooks do not see all of them: those of
 * `registerHooks` not `require.resolve` on Node 22, those of `register` not `require`.
 */
export function patchRequire(replacements: Replacements): void {
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function (request, ...rest) {
    const found = Reflect.apply(resolveFilename, this, [request, ...rest]) as string;
    if (!isReplaceable(request)) return found;
    const replacement = replacements.of(request, pathToFileURL(found).href, "require");
    return replacement === undefined ? found : fileURLToPath(replacement);
  };
}

/** What is resolved is asked for first: whether and which version of the package is there decides. */
function replaced(replacements: Replacements, specifier: string, context: ResolveContext, found: Resolved): Resolved {
  const way = context.conditions.includes("require") ? "require" : "import";
  const url = replacements.of(specifier, found.url, way);
  return url === undefined ? found : { ...found, url, format: way === "require" ? "commonjs" : "module" };
}

/** For `module.registerHooks`. */
export const resolveHook =
  (replacements: Replacements): ResolveHook =>
  (specifier, context, next) => {
    const found = next(specifier, context);
    return isReplaceable(specifier) ? replaced(replacements, specifier, context, found) : found;
  };

/** For `module.register`. */
export const asyncResolveHook =
  (replacements: Replacements): AsyncResolveHook =>
  async (specifier, context, next) => {
    const found = await next(specifier, context);
    return isReplaceable(specifier) ? replaced(replacements, specifier, context, found) : found;
  };
