// Programs of the corpus in processes of their own, and the questions that a test asks them: by their ends a crash, a leak or a
// word on stderr belongs to whoever it is about.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a program answers; the fields of its own besides. */
interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A program of this folder that runs. */
export class Helper {
  readonly child: ChildProcess;
  stderr = "";
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  private readonly waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  private lastId = 0;

  /** @param name  the file's path from here, without its ending */
  constructor(name: string, env: Record<string, string> = {}) {
    this.child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), {
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.child.on("message", ({ id, result, error }: Reply) => {
      const asked = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(new Error(`${name}: ${error}`));
    });
    // Not `close`, which never comes where this side has disconnected.
    const silent = new Promise((resolve) => this.child.stderr!.once("close", resolve));
    this.ended = new Promise((resolve, reject) => {
      this.child.on("error", reject);
      this.child.on("exit", async (code, signal) => {
        await silent;
        for (const asked of this.waiting.values())
          asked.reject(new Error(`${name} ended with ${code ?? signal}:\n${this.stderr}`));
        resolve(code ?? signal ?? "");
      });
    });
  }

  /** Has the program do something; rejects with its error, or with its end. */
  ask<Result>(command: string, argument?: unknown): Promise<Result> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.child.send({ id, command, argument }, (error) => error && reject(error));
    });
  }

  /** Lets the program end by itself: it does when nothing of it is left. Resolves as `ended`. */
  leave(): Promise<number | string> {
    if (this.child.connected) this.child.disconnect();
    return this.ended;
  }

  /** Ends it, however it is. */
  kill(): Promise<number | string> {
    this.child.kill("SIGKILL");
    return this.ended;
  }
}

/** Runs `use` with helpers, and ends them if it fails. */
export async function withHelpers<Result>(helpers: readonly Helper[], use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    const words = helpers.map(({ stderr }) => stderr).join("");
    if (words !== "" && error instanceof Error) error.message += `\n${words}`;
    throw error;
  } finally {
    await Promise.all(helpers.map((helper) => helper.kill()));
  }
}

// What follows is the program's half.

/** How long a program has to end by itself once its test is gone. */
const ORPHAN_MS = 10_000;

/** Answers what a test asks. The channel keeps the program alive until the test leaves. */
// biome-ignore lint/suspicious/noExplicitAny: each command knows what it is asked
export function obey(commands: Readonly<Record<string, (argument: any) => unknown>>): void {
  process.on("message", async ({ id, command, argument }: { id: number; command: string; argument: unknown }) => {
    try {
      process.send!({ id, result: await commands[command]!(argument) } satisfies Reply);
    } catch (error) {
      process.send!({ id, error: error instanceof Error ? error.stack! : String(error) } satisfies Reply);
    }
  });
  process.on("disconnect", () => setTimeout(() => process.exit(9), ORPHAN_MS).unref());
}
