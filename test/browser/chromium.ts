// Finds Chromium and starts it. Where there is none the suites skip their tests, loudly; with WSIMD_REQUIRE_CHROMIUM=1 they
// fail instead.

import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { suite, type Test } from "uvu";

/** Where distributions put it. */
const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Chromium's executable: what CHROMIUM says, or the first of the usual places, or of the PATH. */
function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? "").split(":");
  const names = ["chromium", "chromium-browser", "google-chrome"];
  return [...usualPlaces, ...folders.flatMap((folder) => names.map((name) => join(folder, name)))].find(isExecutable);
}

// It talks to nobody but the page: no updates, no look-ups of its maker's hosts. It runs as root in containers.
export const chromiumArguments: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Where Chromium is, if it is anywhere. */
export const executablePath: string | undefined = findChromium();
const isRequired = process.env.WSIMD_REQUIRE_CHROMIUM === "1";

/** Starts Chromium; undefined where there is none. */
export function launchChromium(): Promise<Browser> | undefined {
  return executablePath === undefined ? undefined : chromium.launch({ executablePath, args: [...chromiumArguments] });
}

/** A suite whose tests are given a browser. */
export interface BrowserContext {
  browser: Browser;
}

/** A suite that runs in Chromium, or is skipped where there is none. The caller runs it. */
export function browserSuite(name: string): Test<BrowserContext> {
  const test = suite<BrowserContext>(name, {} as BrowserContext);
  if (executablePath === undefined) {
    const advice = "install Chromium, or name it in CHROMIUM";
    if (isRequired) {
      test("Chromium is there, since WSIMD_REQUIRE_CHROMIUM is 1", () => {
        throw new Error(`Chromium was not found: ${advice}`);
      });
    } else {
      console.error(`\n*** ${name}: NOT TESTED. Chromium was not found: ${advice}. ***\n`);
    }
    // What the suite registers from here on is counted as skipped.
    const skipped = test.skip;
    return new Proxy(test, { apply: (_target, _this, [title]) => skipped(title as string) });
  }
  test.before(async (context) => {
    try {
      context.browser = await launchChromium()!;
    } catch (error) {
      console.error(error); // uvu tells nothing of a hook that throws
      throw error;
    }
  });
  test.after(async ({ browser }) => {
    await browser?.close();
  });
  return test;
}
