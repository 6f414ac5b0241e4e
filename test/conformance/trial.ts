// Plays one case on one connection and judges it.

import type { Case, Event, Script, Step, Wait } from "./case.ts";
import { Messages } from "./deflate/messages.ts";
import { Endpoint, type EndpointListener } from "./endpoint.ts";
import type { Opened } from "./handshake.ts";
import { lengthOf } from "./payload.ts";
import { areSameEvents, isSameEvent, judge, type Verdict } from "./verdict.ts";
import { chopped, encode, type Frame, fragmented, type Role } from "./wire.ts";

/** What came of a case. */
export interface Result extends Verdict {
  readonly id: string;
  /** Of the peer's Close; null where it had none. */
  readonly closeCode: number | null;
  readonly durationMs: number;
  /** The test side had to drop TCP. */
  readonly gaveUp: boolean;
  /** What came, for the reader of a failure. */
  readonly detail: string;
}

const SHOWN_EVENTS = 12;

class Trial implements EndpointListener {
  readonly finished: Promise<Result>;
  private readonly tested: Case;
  private readonly endpoint: Endpoint;
  private readonly patience: number;
  private readonly startedAt = performance.now();
  private events: Event[] = [];
  private round = 1;
  /** Of this round. */
  private script: Script;
  /** The scripts of all rounds; null where each is that of the case. */
  private readonly messages: Messages | null;
  /** The time for the echoes is over: what comes now does not count. */
  private isTooLate = false;
  /** What leaves in one write. */
  private together: Uint8Array[] = [];
  private limit: NodeJS.Timeout | undefined;
  private endWait: () => void = () => {};
  private finish!: (result: Result) => void;

  constructor(tested: Case, role: Role, opened: Opened, patience: number) {
    this.tested = tested;
    this.patience = patience;
    this.finished = new Promise((resolve) => (this.finish = resolve));
    this.endpoint = new Endpoint(role, opened, patience, this);
    this.script = tested;
    const { compression } = tested;
    this.messages = compression && opened.agreed && new Messages(compression, opened.agreed[role]);
  }

  /** A message is sent when the last is back: a wrong echo ends it, and a late one does not count. */
  private get isPingPong(): boolean {
    return this.tested.compare === "length" || this.tested.compression !== null;
  }

  async play(): Promise<void> {
    this.endpoint.start();
    if (this.tested.compression !== null && this.messages === null) {
      this.endpoint.close(1000);
      return;
    }
    await this.playRound();
    if (this.endpoint.state === "closed") return;
    this.limit = setTimeout(() => this.endTime(), this.tested.limit.seconds * 1000 * this.patience);
  }

  message(kind: "text" | "binary", payload: Uint8Array): void {
    this.add({ kind, payload });
  }

  pong(payload: Uint8Array): void {
    this.add({ kind: "pong", payload });
  }

  left(): void {
    this.endWait();
  }

  lost(): void {
    clearTimeout(this.limit);
    const { tested, endpoint, events } = this;
    this.finish({
      id: tested.id,
      ...judge({ ...tested, ...this.script }, endpoint.role, events, endpoint),
      closeCode: endpoint.closeCode,
      durationMs: performance.now() - this.startedAt,
      gaveUp: endpoint.gaveUp,
      detail: this.describe(),
    });
  }

  /** Does the steps; stops at a wait in which the connection closes. */
  private async playRound(): Promise<void> {
    this.script = this.messages?.next() ?? this.tested;
    for (const step of this.script.steps) if (!(await this.take(step))) return;
    this.flush();
  }

  private async take(step: Step): Promise<boolean> {
    if ("wait" in step) return this.pass(step.wait);
    if ("parts" in step) return this.sendInParts(step.frame, step.parts, step.waits);
    if ("message" in step) {
      for (const frame of fragmented(step.message, step.fragmentLength)) this.sendFrame(frame);
    } else if ("close" in step) {
      this.sendFrame({ opcode: 8, payload: step.close });
      this.endpoint.beginClosing();
    } else {
      this.sendFrame(step.frame);
    }
    return true;
  }

  private sendFrame(frame: Frame): void {
    const { pace } = this.tested;
    const octets = encode(frame, this.endpoint.role);
    if (pace === "together") this.together.push(octets);
    else if (pace === "frame by frame") this.endpoint.send(octets, "1 ms");
    else for (const piece of chopped(octets, pace.chop)) this.endpoint.send(piece, pace.pause);
  }

  private flush(): void {
    if (this.together.length !== 0) this.endpoint.send(Buffer.concat(this.together));
    this.together = [];
  }

  private async sendInParts(frame: Frame, parts: readonly number[], waits: readonly Wait[]): Promise<boolean> {
    const octets = encode(frame, this.endpoint.role);
    const headerLength = octets.length - lengthOf(frame.payload ?? "");
    let start = 0;
    let end = headerLength;
    for (const [index, wait] of waits.entries()) {
      end += parts[index]!;
      this.together.push(octets.subarray(start, end));
      start = end;
      if (!(await this.pass(wait))) return false;
    }
    this.together.push(octets.subarray(start));
    return true;
  }

  /** Waits; resolves with whether the connection is open after it. */
  private async pass({ seconds, name }: Wait): Promise<boolean> {
    this.flush();
    if (this.endpoint.state === "open") {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000);
        this.endWait = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const isOpen = this.endpoint.state === "open";
    if (isOpen && name !== undefined) this.events.push({ kind: "wait", payload: name });
    return isOpen;
  }

  private add(event: Event): void {
    if (this.isTooLate) return;
    const { compare, rounds, ending } = this.tested;
    const { ok } = this.script;
    const expected = ok[this.events.length];
    this.events.push(event);
    if (this.isPingPong && (expected === undefined || !isSameEvent(event, expected, compare))) {
      this.endpoint.close(1000);
    } else if (areSameEvents(this.events, ok, compare)) {
      if (this.round < rounds) this.nextRound();
      else if (ending === "echo") this.endpoint.close(1000);
    }
  }

  private nextRound(): void {
    this.round++;
    this.events = [];
    if (this.endpoint.state === "open") void this.playRound();
  }

  /** The peer is late. */
  private endTime(): void {
    // Where the echoes came in time, and the closing handshake is under way, there is nothing to take back.
    if (this.isPingPong && this.endpoint.state === "open") {
      this.isTooLate = true;
      this.events = [];
    }
    if (this.tested.limit.action === "kill") this.endpoint.kill();
    else this.endpoint.close();
  }

  private describe(): string {
    const { violation, closeCode, closeReason, wasClean, gaveUp } = this.endpoint;
    const shown = this.events.slice(0, SHOWN_EVENTS).map(({ kind, payload }) => `${kind}(${lengthOf(payload)})`);
    const hidden = this.events.length - shown.length;
    const facts = [`got ${shown.join(" ") || "nothing"}${hidden > 0 ? ` and ${hidden} more` : ""}`];
    if (this.tested.rounds > 1) facts.push(`in round ${this.round}`);
    if (closeCode !== null) facts.push(`Close ${closeCode} ${JSON.stringify(closeReason)}`);
    else facts.push(wasClean ? "a Close without a code" : "no clean close");
    if (violation !== null) facts.push(`the peer sent ${violation}`);
    if (gaveUp) facts.push("the test side dropped TCP");
    return facts.join("; ");
  }
}

/**
 * Runs a case on a connection whose opening handshake is done.
 *
 * @param role      of the test side
 * @param patience  multiplies how long the peer may take; the waits of the case stay as they are
 */
export function runTrial(tested: Case, role: Role, opened: Opened, patience: number): Promise<Result> {
  const trial = new Trial(tested, role, opened, patience);
  void trial.play();
  return trial.finished;
}
