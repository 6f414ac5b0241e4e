// Files of the package as the tests read them: from the disk, in a browser from the server that has the tests.

import { runtime } from "./runtime.ts";

const fs = runtime === "browser" ? null : await import("node:fs");

/** The octets of a file. */
export async function octetsOf(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (fs !== null) return new Uint8Array(fs.readFileSync(url));
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
