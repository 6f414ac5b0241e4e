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
  /** Where the oldest of them is. */
  private first = 0;
  private isBusy = false;

  /** Whether what is sent now has to wait. */
  get isWaiting(): boolean {
    return this.isBusy;
  }

  /**
   * Runs `step` when those before it are done: at once, where there are none.
   *
   * @param length  octets that it sends
   * @param lost    called in its place where an earlier one fails, and with what it throws when it had to wait
   */
  add(step: Step, length: number, lost: (error: Error) => void): void {
    if (!this.isBusy) {
      this.begin({ step, length, lost });
      return;
    }
    this.waiting.push({ step, length, lost });
    this.length += length;
  }

  /** Drops what waits. */
  drop(error: Error): void {
    const waiting = this.waiting.slice(this.first);
    this.waiting = [];
    this.first = 0;
    for (const { lost, length } of waiting) {
      this.length -= length;
      lost(error);
    }
  }

  /** @returns whether it is done: where not, what follows waits */
  private begin({ step, length }: Waiting): boolean {
    const result = step();
    if (result === undefined) return true;
    this.isBusy = true;
    this.length += length;
    void result.then(() => {
      this.isBusy = false;
      this.length -= length;
      this.goOn();
    });
    return false;
  }

  private goOn(): void {
    for (let isDone = true; isDone && this.first < this.waiting.length; ) {
      const next = this.waiting[this.first++]!;
      this.length -= next.length;
      try {
        isDone = this.begin(next);
      } catch (error) {
        next.lost(error as Error);
      }
    }
    if (this.first !== this.waiting.length) return;
    this.waiting = [];
    this.first = 0;
  }
}
