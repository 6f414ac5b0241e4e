// Which packages are replaced, in which versions, by which file. The package that Node found decides, by its own
// package.json: one of another name or of a major version whose API wsimd does not have is left alone, and one that is not
// installed is never found. Knows no hook; runs in the application's threads and, on Node 20, in that of the hooks.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** How a package is asked for: it decides which build stands in. */
export type Way = "import" | "require";

/** The first and the last major version with the API that wsimd has. ws 7, for one, gives text as strings. */
const majors: ReadonlyMap<string, readonly [first: number, last: number]> = new Map([
  ["ws", [8, 8]],
  ["bufferutil", [3, 4]],
  ["utf-8-validate", [3, 6]],
]);

/** As in "ws 8" and "bufferutil 3 to 4". */
function versionsOf(name: string): string {
  const [first, last] = majors.get(name)!;
  return `${name} ${first === last ? first : `${first} to ${last}`}`;
}

/** All that is replaced, as a line says it. */
export const replacedVersions: string = [...majors.keys()].map(versionsOf).join(", ");

/** Whether what `specifier` leads to may be replaced: subpaths, files and everything else never are. */
export const isReplaceable = (specifier: string): boolean => majors.has(specifier);

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

/** The package that a file belongs to: the nearest package.json that has a name. */
function packageOf(file: string): Package | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Partial<Package>;
      if (typeof name === "string") return { folder, name, version: String(version) };
    } catch {
      // There is none here, or none that can be read.
    }
    if (folder === dirname(folder)) return undefined;
  }
}

export class Replacements {
  private readonly builds: string;
  private readonly tell: (line: string) => void;
  private readonly known = new Map<string, string | undefined>();

  /**
   * @param builds  the URL of the folder that holds esm/ and cjs/
   * @param tell    gets a line for each package, once for each way in which it is asked for
   */
  constructor(builds: string, tell: (line: string) => void) {
    this.builds = builds;
    this.tell = tell;
  }

  /**
   * The file that stands in for `found`.
   *
   * @param specifier  one that is replaceable
   * @param found      the URL that it was resolved to
   * @returns          a URL; undefined where `found` is left alone
   */
  of(specifier: string, found: string, way: Way): string | undefined {
    const key = `${way} ${specifier} ${found}`;
    if (!this.known.has(key)) this.known.set(key, this.decide(specifier, found, way));
    return this.known.get(key);
  }

  private decide(specifier: string, found: string, way: Way): string | undefined {
    // A replacement that has been made already (a hook follows the patch), or a loader's own scheme.
    if (found.startsWith(this.builds) || !found.startsWith("file:")) return undefined;
    const owner = packageOf(fileURLToPath(found));
    if (owner === undefined) return undefined;
    const { name, version, folder } = owner;
    const [first, last] = majors.get(specifier)!;
    const major = Number.parseInt(version, 10);
    const isOfThatName = name === specifier;
    const isOfThatApi = major >= first && major <= last;
    const there = `${name} ${version} (${folder}), ${way === "import" ? "imported" : "required"}`;
    if (!isOfThatName) this.tell(`left alone: ${specifier} is ${there}`);
    else if (!isOfThatApi) this.tell(`left alone: ${there}: wsimd has the API of ${versionsOf(name)}`);
    else {
      this.tell(`wsimd/${name} stands in for ${there}`);
      return new URL(`${way === "import" ? "esm" : "cjs"}/${name}.js`, this.builds).href;
    }
    return undefined;
  }
}
