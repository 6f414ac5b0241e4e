// The version of the package that this file was built into.

import { readFileSync } from "node:fs";

export function packageVersion(): string {
  const manifest = new URL("../../../package.json", import.meta.url); // from dist/esm/bin/ and from build/bindings/bin/
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
