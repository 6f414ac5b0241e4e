// Octets to strings and back, as HTTP/1.1 heads need them: one octet is one character, U+0000 to U+00FF.
// TextDecoder("latin1") is windows-1252 and changes 0x80 to 0x9F, so it cannot be used here.
// Knows nothing of heads or fields.

/** Arguments of one String.fromCharCode call: far below every engine's limit on arguments. */
const ARGUMENT_COUNT = 4096;

/**
 * Decodes octets as ISO 8859-1.
 *
 * @param octets  borrowed until the call returns
 */
export function decodeLatin1(octets: Uint8Array): string {
  let text = "";
  for (let at = 0; at < octets.length; at += ARGUMENT_COUNT) {
    text += String.fromCharCode.apply(null, octets.subarray(at, at + ARGUMENT_COUNT) as unknown as number[]);
  }
  return text;
}

/**
 * Encodes text as ISO 8859-1.
 *
 * @param text  no character above U+00FF: the caller has checked
 * @returns     a fresh array, text.length octets
 */
export function encodeLatin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) octets[at] = text.charCodeAt(at);
  return octets;
}

/** Copies octets. `slice` will not do: on a Node Buffer it returns a view. */
export function copyOctets(octets: Uint8Array): Uint8Array {
  const copy = new Uint8Array(octets.length);
  copy.set(octets);
  return copy;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Encodes octets in base64 with padding. RFC 4648 §4. */
export function encodeBase64(octets: Uint8Array): string {
  let text = "";
  for (let at = 0; at < octets.length; at += 3) {
    const left = octets.length - at;
    const bits = (octets[at]! << 16) | ((left > 1 ? octets[at + 1]! : 0) << 8) | (left > 2 ? octets[at + 2]! : 0);
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!;
    text += (left > 1 ? ALPHABET[(bits >> 6) & 63]! : "=") + (left > 2 ? ALPHABET[bits & 63]! : "=");
  }
  return text;
}
