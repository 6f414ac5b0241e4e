// Strings of a few ASCII characters without a call into the platform: 12 ns for 4 and 40 for 24, where latin1Slice takes 50.
// `String.fromCharCode` is that fast only when its arguments are written out: a loop, a spread or `apply` take twice as long.

type Make = (octets: Uint8Array, at: number) => string;

const c: (...units: number[]) => string = String.fromCharCode;

/** Octets in the longest string that is made so. */
export const SHORT_LENGTH = 24;

/** By length: makes the string of the ASCII octets `o` from `p` on. */
// biome-ignore format: a table, a line a length
export const shortText: readonly Make[] = [
  () => "",
  (o, p) => c(o[p]),
  (o, p) => c(o[p], o[p + 1]),
  (o, p) => c(o[p], o[p + 1], o[p + 2]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16], o[p + 17]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16], o[p + 17], o[p + 18]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16], o[p + 17], o[p + 18], o[p + 19]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16], o[p + 17], o[p + 18], o[p + 19], o[p + 20]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16], o[p + 17], o[p + 18], o[p + 19], o[p + 20], o[p + 21]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16], o[p + 17], o[p + 18], o[p + 19], o[p + 20], o[p + 21], o[p + 22]),
  (o, p) => c(o[p], o[p + 1], o[p + 2], o[p + 3], o[p + 4], o[p + 5], o[p + 6], o[p + 7], o[p + 8], o[p + 9], o[p + 10], o[p + 11], o[p + 12], o[p + 13], o[p + 14], o[p + 15], o[p + 16], o[p + 17], o[p + 18], o[p + 19], o[p + 20], o[p + 21], o[p + 22], o[p + 23]),
];
