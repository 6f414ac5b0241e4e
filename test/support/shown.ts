// What a page of the docs shows, for tests that run it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./programs.ts";

/** The blocks of code of one language in docs/NAME.md. */
export function shownIn(name: string, language: string): string[] {
  const page = readFileSync(join(packageRoot, `docs/${name}.md`), "utf8");
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1]!);
}

/**
 * The only block of a language that holds all of some texts.
 *
 * @throws  Error where there is none, or more than one
 */
export function shown(name: string, language: string, ...texts: readonly string[]): string {
  const found = shownIn(name, language).filter((block) => texts.every((text) => block.includes(text)));
  if (found.length !== 1) throw new Error(`docs/${name}.md has ${found.length} blocks with ${texts.join(" and ")}`);
  return found[0]!;
}
