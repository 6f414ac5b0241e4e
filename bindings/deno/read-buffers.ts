// Memory that reads wait in. A read under way keeps its octets, and an idle connection always has one under way: it waits with
// little, and gets more when it fills that. What is not waited in is kept for others.

/** Octets of a read, the least first. A connection goes from one to the next. */
export const READ_LENGTHS = [2048, 16_384, 65_536] as const;

/** Octets of unused memory that are kept of each length. */
const KEPT_LENGTH = 1_048_576;

const unused: readonly Uint8Array[][] = READ_LENGTHS.map(() => []);

/** Reads, one size larger or smaller, that have to ask for it before a connection follows. */
const PATIENCE = 4;

/** The memory of one connection's reads. */
export class ReadBuffer {
  /** What the read under way has. */
  octets: Uint8Array;
  private size = 0;
  /** How many reads would have fitted into less, one after the other. */
  private smallCount = 0;

  constructor() {
    this.octets = take(0);
  }

  /** A read has brought so many octets, which are not needed any more: gets memory for the next. */
  used(length: number): void {
    if (length === this.octets.length) this.become(this.size + 1);
    else if (this.size === 0 || length > READ_LENGTHS[this.size - 1]!) this.smallCount = 0;
    else if (++this.smallCount === PATIENCE) this.become(this.size - 1);
  }

  /** No read is under way, and none follows. */
  release(): void {
    give(this.size, this.octets);
    this.octets = nothing;
  }

  private become(size: number): void {
    this.smallCount = 0;
    if (size === READ_LENGTHS.length) return;
    give(this.size, this.octets);
    this.size = size;
    this.octets = take(size);
  }
}

const nothing = new Uint8Array(0);

function take(size: number): Uint8Array {
  return unused[size]!.pop() ?? new Uint8Array(READ_LENGTHS[size]!);
}

function give(size: number, octets: Uint8Array): void {
  const kept = unused[size]!;
  if (octets.length !== 0 && kept.length * octets.length < KEPT_LENGTH) kept.push(octets);
}
