// The parts of node:module that replacing needs: `registerHooks` came with Node 22.15, later than the types, and
// `_resolveFilename` is not documented, although much depends on it.

import nodeModule from "node:module";

export interface ResolveContext {
  readonly conditions: readonly string[];
}

export interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
}

type Resolve<R> = (
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => R,
) => R;

export type ResolveHook = Resolve<Resolved>;
export type AsyncResolveHook = Resolve<Promise<Resolved>>;

/** The class `Module`, on which `require` looks up its own steps. */
interface ModuleClass {
  _resolveFilename(this: unknown, request: string, ...rest: unknown[]): string;
  readonly registerHooks?: (hooks: { readonly resolve: ResolveHook }) => void;
  readonly register?: (specifier: string, options: { readonly data: unknown }) => void;
}

export const Module = nodeModule as unknown as ModuleClass;
