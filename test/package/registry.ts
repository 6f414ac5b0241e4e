// A registry of a few packages on loopback: what a user's package.json names by version is installed as npm does it, without a
// network.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** After which an npm that hangs is ended, and fails its test with what it said. */
export const NPM_TIMEOUT_MS = 100_000;

interface Packed {
  readonly filename: string;
  readonly name: string;
  readonly version: string;
  readonly files: readonly { readonly path: string }[];
}

async function npmPack(folder: string, ...where: readonly string[]): Promise<Packed> {
  const options = ["--ignore-scripts", "--offline", "--loglevel=error", "--no-update-notifier"];
  const { stdout } = await run("npm", ["pack", "--json", ...where, ...options], {
    cwd: folder,
    timeout: NPM_TIMEOUT_MS,
  });
  const answer = JSON.parse(stdout) as unknown;
  return (Array.isArray(answer) ? answer : Object.values(answer as object))[0] as Packed;
}

/** Packs a folder into `into` as `npm publish` would, and tells what came out. */
export function pack(folder: string, into: string): Promise<Packed> {
  return npmPack(folder, "--pack-destination", into);
}

/** The paths of what would be packed. */
export async function filesPacked(folder: string): Promise<string[]> {
  return (await npmPack(folder, "--dry-run")).files.map(({ path }) => path);
}

export class Registry {
  private readonly server: Server = createServer((request, response) => {
    const found = this.answers.get(decodeURIComponent(request.url!));
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  private readonly answers = new Map<string, Buffer>();

  /** Begins to listen; returns its URL. */
  async listen(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Packs a folder and offers it as the only version of its package. */
  async publish(folder: string, into: string): Promise<void> {
    const { filename, name, version } = await pack(folder, into);
    const tarball = readFileSync(join(into, filename));
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as object;
    const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
    const dist = { tarball: `${this.url}/-/${filename}`, integrity };
    const document = { name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } };
    this.answers.set(`/${name}`, Buffer.from(JSON.stringify(document)));
    this.answers.set(`/-/${filename}`, tarball);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
