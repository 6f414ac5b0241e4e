// The pages of the package lead where a user can follow: to files that are packed with them, or to the repository.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../support/programs.ts";
import { filesPacked } from "./registry.ts";

const test = suite("packed pages");

const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  readonly repository: { readonly url: string };
};

/** Where a page's links lead, without the place on the page; code is left out. */
function linksOf(page: string): string[] {
  const text = page.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.replace(/#.*$/, ""));
}

test("every relative link of every page leads to a file that is packed", async () => {
  const packed = await filesPacked(packageRoot);
  const pages = packed.filter((path) => path.endsWith(".md"));
  assert.ok(pages.length > 10, `${pages.length} pages`);
  let count = 0;
  const dead: string[] = [];
  for (const page of pages) {
    for (const target of linksOf(readFileSync(join(packageRoot, page), "utf8"))) {
      if (target === "" || /^[a-z]+:/.test(target)) continue;
      count++;
      if (!packed.includes(posix.normalize(posix.join(dirname(page), target)))) dead.push(`${page}: ${target}`);
    }
  }
  assert.ok(count > 20, `${count} links`);
  assert.equal(dead, []);
});

test("every link to the repository leads to a file that is there", async () => {
  const start = `${manifest.repository.url.replace(/^git\+|\.git$/g, "")}/`;
  const dead: string[] = [];
  for (const page of (await filesPacked(packageRoot)).filter((path) => path.endsWith(".md"))) {
    for (const target of linksOf(readFileSync(join(packageRoot, page), "utf8"))) {
      const path = /^(?:blob|tree)\/main\/(.+)$/.exec(target.startsWith(start) ? target.slice(start.length) : "")?.[1];
      if (path !== undefined && !existsSync(join(packageRoot, path))) dead.push(`${page}: ${target}`);
    }
  }
  assert.equal(dead, []);
});

test.run();
