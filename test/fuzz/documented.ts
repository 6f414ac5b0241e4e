// The codes that docs/ lists: an error of another code is a bug, in the code or in the page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../support/programs.ts";

function codesIn(page: string): ReadonlySet<string> {
  const text = readFileSync(join(packageRoot, "docs", page), "utf8");
  return new Set([...text.matchAll(/^\| `(WS_[A-Z0-9_]+)`/gm)].map(([, code]) => code!));
}

/** Of docs/errors.md. */
export const documentedCodes: ReadonlySet<string> = codesIn("errors.md");

/** Of docs/handshake.md. */
export const documentedHandshakeCodes: ReadonlySet<string> = codesIn("handshake.md");
