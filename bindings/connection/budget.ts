// Octets that all connections of a thread hold together: unfinished messages and output that no transport took yet. Each
// connection judges the sum by its own `maxProcessBuffered`; the one that asks for more when the sum is there is closed.

let held = 0;

/** Octets held now. */
export function heldOctets(): number {
  return held;
}

/** Changes what is held by `change` octets, which is negative where some were let go. */
export function charge(change: number): void {
  held += change;
}
