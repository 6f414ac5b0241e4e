// The value that a part of all values does not exceed.

/** @param part  0 to 1; the nearest rank: always one of the values, NaN of none */
export function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
