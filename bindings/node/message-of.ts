// What went wrong, in words, whatever was thrown.

/** The message of an error; several attempts, one an address, have one each, and Node gives none to their whole. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length !== 0) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
