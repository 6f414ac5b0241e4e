// A process that is measured: started, put on a processor, told apart by what Linux counts of it. It says one line when it is
// ready, such as its port, and ends when its input does: with the bench, however that ends.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What starts a program, and what it is told. */
export type Command = readonly [program: string, ...args: string[]];

/** A clock tick of /proc/PID/stat: 10 ms on every Linux there is. */
const TICK_NS = 10_000_000;

const READY_TIMEOUT_MS = 20_000;

/** Puts a process on one processor, where the platform has a command for that. */
export function pin(processId: number, processor: number): boolean {
  try {
    execFileSync("taskset", ["-a", "-p", "-c", String(processor), String(processId)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Deno is to look for nothing newer, and at no package.json. */
const environment = { DENO_NO_UPDATE_CHECK: "1", DENO_NO_PACKAGE_JSON: "1", NO_COLOR: "1" };

export class Subject {
  private readonly child: ChildProcess;
  readonly name: string;
  /** Nanoseconds of each thread, those included that have ended. */
  private readonly threadsNs = new Map<string, number>();
  private output = "";
  private errors = "";
  private hasEnded = false;
  private wake: () => void = () => {};

  constructor(name: string, [program, ...args]: Command) {
    this.name = name;
    this.child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...environment } });
    this.child.on("error", (error) => (this.errors += error.message));
    this.child.stdin!.on("error", () => {}); // it has ended: what waits for it hears so
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
      this.wake();
    });
    this.child.once("close", () => {
      this.hasEnded = true;
      this.wake();
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
  }

  get id(): number {
    return this.child.pid!;
  }

  /** The next line that the process says. @throws Error where it ends first, or takes too long */
  async line(): Promise<string> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      const end = this.output.indexOf("\n");
      if (end !== -1) {
        const line = this.output.slice(0, end);
        this.output = this.output.slice(end + 1);
        return line;
      }
      if (this.hasEnded || performance.now() >= deadline)
        throw new Error(`${this.name} does not answer: ${this.complaint()}`);
      await this.change(deadline - performance.now());
    }
  }

  /** Asks for something on the process's input, and waits for the line that answers. */
  ask(word: string): Promise<string> {
    this.child.stdin!.write(`${word}\n`);
    return this.line();
  }

  /** Processor time used since it began, user and system, of all its threads. */
  cpuNs(): number {
    const folder = `/proc/${this.id}/task`;
    try {
      for (const thread of readdirSync(folder)) {
        this.threadsNs.set(thread, Number(readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ")[0]));
      }
    } catch {
      if (this.threadsNs.size === 0) return this.cpuNsOfStat();
    }
    let sum = 0;
    for (const ns of this.threadsNs.values()) sum += ns;
    return sum;
  }

  /** Octets of memory that are resident. */
  residentOctets(): number {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.id}/status`, "utf8"))!;
    return Number(kibibytes) * 1024;
  }

  /** Waits until it says something or ends, but not longer than `mostMs`. */
  private change(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The line of what it complained of that says most. */
  private complaint(): string {
    const lines = this.errors.trim().split("\n");
    return lines.find((line) => /error/i.test(line)) ?? lines.at(-1)!;
  }

  stop(): void {
    this.child.kill("SIGKILL");
  }

  /** Where the kernel does not count a thread's nanoseconds. */
  private cpuNsOfStat(): number {
    const fields = readFileSync(`/proc/${this.id}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
  }
}
