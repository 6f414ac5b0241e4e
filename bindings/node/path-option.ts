// Which requests a server that is attached to an HTTP server claims: the option `path` of attach.

import { parseTarget } from "../handshake/authority.ts";
import type { RequestHead } from "../handshake/index.ts";
import { synchronous } from "../handshake/promises.ts";
import { checkOptionNames, wrongOption } from "../options.ts";

/** Options of attach. */
export interface AttachOptions {
  /**
   * The paths that are the server's, compared whole with the target's path, without its query; or a function of the request
   * that tells. Left out: every path.
   */
  readonly path?: string | readonly string[] | ((request: RequestHead) => boolean) | undefined;
}

const names: ReadonlySet<string> = new Set(["path"]);

/**
 * Makes one function of the option.
 *
 * @returns  throws what the application's function throws, and a UsageError where that gives no boolean
 * @throws   UsageError for what is no path: "chat", "/chat?", ""
 */
export function pathOption(options: AttachOptions): (request: RequestHead) => boolean {
  checkOptionNames("attach", options, names);
  const { path } = options;
  if (path === undefined) return () => true;
  if (typeof path === "function") {
    return (request) => {
      const answer: unknown = synchronous("path", path(request));
      if (typeof answer !== "boolean") throw wrongOption("what path returns", "true or false", answer);
      return answer;
    };
  }
  const paths = new Set<unknown>(Array.isArray(path) ? path : [path]);
  if (paths.size === 0) throw wrongOption("path", "a path, an array of paths or a function", "[]");
  for (const one of paths) {
    const isPath =
      typeof one === "string" && one.startsWith("/") && parseTarget(one) !== undefined && !one.includes("?");
    if (!isPath) throw wrongOption("path", 'a path such as "/chat", an array of paths or a function', one);
  }
  return ({ target }) => paths.has(parseTarget(target)?.path.split("?")[0]);
}
