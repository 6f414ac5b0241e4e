// What is sent, in order, where some of it takes time: a Blob has to be read, a compressor works elsewhere. What comes meanwhile
// waits.

/** Whatever is sent: a promise where it takes time. */
type Step = () => void | Promise<void>;

interface Waiting {
  readonly step: Step;
  readonly length: number;
  readonly lost: (error: Error) => void;
}

export class Order {
  /** Octets that wait. */
  length = 0;
  private waiting: Waiting[] = [];
  private isBusy = false;

  /** Whether what is sent now has to wait. */
  get isWaiting(): boolean {
    return this.isBusy;
  }

  /**
   * Runs `step` when those before it are done: at once, where there are none.
   *
   * @param length  octets that it sends
   * @param lost    called in its place where an earlier one fails
   */
  add(step: Step, length: number, lost: (error: Error) => void): void {
    this.waiting.push({ step, length, lost });
    this.length += length;
    if (!this.isBusy) this.run();
  }

  /** Drops what waits. */
  drop(error: Error): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { lost } of waiting) lost(error);
  }

  private run(): void {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      const { length, step } = next;
      const result = step();
      if (result === undefined) {
        this.length -= length;
        continue;
      }
      this.isBusy = true;
      void result.then(() => {
        this.isBusy = false;
        this.length -= length;
        this.run();
      });
      return;
    }
  }
}
