// HTTP's octet classes and the scanners every field shares: tokens, field values, optional whitespace, simple lists.
// Every scanner looks at each character once. Characters above U+00FF belong to no class.
// Knows no field by name: authority.ts, extensions.ts, protocols.ts and upgrade.ts read their own.

const TOKEN = 1; // tchar, RFC 9110 §5.6.2
const FIELD = 2; // HTAB, SP, VCHAR and obs-text, RFC 9110 §5.5

const classes: Uint8Array = /*#__PURE__*/ classify();

function classify(): Uint8Array {
  const table = new Uint8Array(256);
  for (let code = 0x20; code < 0x100; code++) if (code !== 0x7f) table[code] = FIELD;
  table[0x09] = FIELD;
  const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (let at = 0; at < tchars.length; at++) table[tchars.charCodeAt(at)]! |= TOKEN;
  return table;
}

/** The end of the run of token characters that starts at `at`; `at` where there is none. RFC 9110 §5.6.2. */
export function endOfToken(text: string, at: number): number {
  let end = at;
  while (end < text.length && (classes[text.charCodeAt(end)]! & TOKEN) !== 0) end++;
  return end;
}

/** The end of the run of field-value characters that starts at `at`: where a CR should be. RFC 9110 §5.5. */
export function endOfFieldValue(text: string, at: number): number {
  let end = at;
  while (end < text.length && (classes[text.charCodeAt(end)]! & FIELD) !== 0) end++;
  return end;
}

/** The first character at or after `at` that is neither SP nor HTAB. RFC 9110 §5.6.3. */
export function skipWhitespace(text: string, at: number): number {
  let next = at;
  while (isWhitespace(text.charCodeAt(next))) next++;
  return next;
}

/** Removes SP and HTAB from both ends; `String.trim` would take CR, LF and U+00A0 as well. RFC 9110 §5.6.3. */
export function trimWhitespace(text: string): string {
  const start = skipWhitespace(text, 0);
  let end = text.length;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Tells whether text is one token, at least a character long. RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  return text.length !== 0 && endOfToken(text, 0) === text.length;
}

/** Tells whether text may stand as a field's value: no control character but HTAB, nothing above U+00FF. */
export function isFieldValue(text: string): boolean {
  return endOfFieldValue(text, 0) === text.length;
}

/** Tells whether text is one or more visible ASCII characters, 0x21 to 0x7E. */
export function isVisibleAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return text.length !== 0;
}

/** Splits a list field that has no quoted strings at its commas; empty elements stay. RFC 9110 §5.6.1. */
export function splitList(value: string): string[] {
  return value.split(",").map(trimWhitespace);
}

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
