// The contestants' processes. A full run starts each anew for every row; the short form keeps them from row to row, so that
// code which was compiled once need not be compiled again in windows that are too short for it.

import { SERVER_PROCESSOR } from "../processes.ts";
import { pin, Subject } from "../subject.ts";
import type { Entrant } from "./contestants.ts";

export interface Started {
  readonly subject: Subject;
  readonly port: number;
  /** Whether it is kept and has not worked yet. */
  isCold: boolean;
}

async function launch(entrant: Entrant, isCold: boolean): Promise<Started> {
  const subject = new Subject(entrant.name, entrant.command);
  try {
    const port = Number(await subject.line());
    pin(subject.id, SERVER_PROCESSOR);
    return { subject, port, isCold };
  } catch (error) {
    subject.stop();
    throw error;
  }
}

export class Running {
  private readonly keeps: boolean;
  private readonly kept = new Map<string, Promise<Started>>();

  constructor(keeps: boolean) {
    this.keeps = keeps;
  }

  /** A process that listens, on the servers' processor. @throws Error where it does not start */
  start(entrant: Entrant): Promise<Started> {
    if (!this.keeps) return launch(entrant, false);
    const key = entrant.command.join("\n");
    const started = this.kept.get(key) ?? launch(entrant, true);
    this.kept.set(key, started);
    return started;
  }

  /** Ends a process, unless it is kept. */
  release({ subject }: Started): void {
    if (!this.keeps) subject.stop();
  }
}
