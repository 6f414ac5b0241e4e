// The limits of a head. Knows no head: head.ts keeps within them.

import { numberOption } from "../options.ts";

export interface HeadLimits {
  /** Octets from the start line to the empty line, both included. Default 16384. */
  readonly maxHeadLength?: number | undefined;
  /** Field lines. Default 100. */
  readonly maxHeaderCount?: number | undefined;
}

/** Checked limits of a head. */
export class HeadBounds {
  readonly maxHeadLength: number;
  readonly maxHeaderCount: number;

  /** @throws UsageError for a limit that is no whole number from 1 to 2^53 - 1 */
  constructor(limits: HeadLimits) {
    this.maxHeadLength = numberOption("maxHeadLength", limits.maxHeadLength, { otherwise: 16384, least: 1 });
    this.maxHeaderCount = numberOption("maxHeaderCount", limits.maxHeaderCount, { otherwise: 100, least: 1 });
  }
}
