// A link whose runtime is asked for every chunk: it reads on while it may, one read at a time.

import { BaseLink } from "./base-link.ts";
import type { LinkSink } from "./link.ts";

export abstract class PullLink extends BaseLink {
  private isReading = false;
  private isPaused = false;

  read(sink: LinkSink): void {
    this.sink = sink;
    this.readOn();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.readOn();
  }

  /** Whether no more is to be read now: the sink was told so, or it is over. */
  protected get isStopped(): boolean {
    return this.isPaused || this.isGone;
  }

  /** Reads, and gives the sink what came, until it is stopped: false; or until the input ends: true. */
  protected abstract readAll(): Promise<boolean>;

  private readOn(): void {
    if (!this.isReading && !this.isPaused && !this.inputEnded && !this.isGone) void this.readUntilStopped();
  }

  private async readUntilStopped(): Promise<void> {
    this.isReading = true;
    let hasEnded = false;
    try {
      hasEnded = await this.readAll();
    } catch (error) {
      this.fail(error);
    }
    this.isReading = false;
    if (hasEnded) this.inputOver();
    else this.readOn(); // it may have been resumed since
  }
}
