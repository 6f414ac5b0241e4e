// How a server reads its sockets and writes to them: by what the trial of memory-trial.ts found out, unless it is told. The
// trial takes some turns of the event loop; a server that is handed sockets, not its own, lets them wait for it.

import type { UsageError } from "../errors/classes.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type TransportName, transportRefused } from "../runtime/transport-option.ts";
import type { LinkSink } from "../socket/link.ts";
import type { HandleWriter } from "./handle-writer.ts";
import { memoryReader } from "./memory-reader.ts";
import { memoryTrial } from "./memory-trial.ts";
import { readByEvents, type StreamReader } from "./stream-reader.ts";

export class ReaderChoice {
  private readonly told: TransportName;
  private readonly kernel: Kernel;
  private deciding: Promise<void> | null = null;
  /** Whether the choice is made. */
  isMade = false;
  /** Why nothing can be read as it was told; null where it can. */
  refusal: UsageError | null = null;
  read: StreamReader<LinkSink> = readByEvents;
  /** What writes past streams; null where nothing does. */
  writer: HandleWriter | null = null;

  constructor(told: TransportName, kernel: Kernel) {
    this.told = told;
    this.kernel = kernel;
    this.isMade = told === "data";
  }

  /** How sockets are read; `"data"` before the choice is made. */
  get transport(): "memory" | "data" {
    return this.read === readByEvents ? "data" : "memory";
  }

  /** Settles when the choice is made; never rejects. */
  make(): Promise<void> {
    this.deciding ??= this.isMade ? Promise.resolve() : this.tryOut();
    return this.deciding;
  }

  private async tryOut(): Promise<void> {
    const { refusal, writer } = await memoryTrial();
    if (refusal === null) {
      this.read = memoryReader(this.kernel);
      this.writer = writer;
    } else if (this.told === "memory") {
      this.refusal = transportRefused(refusal);
    }
    this.isMade = true;
  }
}
