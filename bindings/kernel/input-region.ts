// Who has octets in a kernel's input region. A batch of records is delivered straight from linear memory; a handler that
// runs meanwhile may make another connection decode there. Whoever wants the region claims it, and the batch that has
// undelivered records moves them out first. Knows nothing of batches but that they can spill.

/** Whatever keeps undelivered octets and records in linear memory. */
export interface InputHolder {
  /** Copies what is undelivered into memory of its own. After this the region belongs to somebody else. */
  spill(): void;
}

/** The right to use a kernel's input region and record table. */
export class InputRegion {
  private holder: InputHolder | null = null;

  /** How often a holder had to make room: the cold path of re-entrancy. */
  spillCount = 0;

  /** Gives the region to `claimant`; a former holder spills. */
  claim(claimant: InputHolder): void {
    const former = this.holder;
    if (former === claimant) return;
    this.holder = claimant;
    if (former !== null) {
      this.spillCount++;
      former.spill();
    }
  }

  /** Ends a holder's right; what it had there is delivered, copied or of no more use. */
  release(holder: InputHolder): void {
    if (this.holder === holder) this.holder = null;
  }
}
