// SHA-1, RFC 3174, in one synchronous call: the handshake hashes 60 octets, and the platform's own digest is either
// asynchronous or not there. Of no other use: SHA-1 resists no collisions, and the handshake asks for none (§10.8).

/** The message schedule; every call overwrites all of it, and no call is re-entered. */
const schedule: Int32Array = /*#__PURE__*/ new Int32Array(80);

/**
 * Hashes octets with SHA-1. RFC 3174 §6.1.
 *
 * @param octets  borrowed until the call returns; at most 2^29 - 64 of them
 * @returns       20 fresh octets
 */
export function sha1(octets: Uint8Array): Uint8Array {
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const padded = pad(octets);
  for (let block = 0; block < padded.byteLength; block += 64) mixBlock(state, padded, block);

  const digest = new Uint8Array(20);
  const view = new DataView(digest.buffer);
  for (let word = 0; word < 5; word++) view.setInt32(word * 4, state[word]!);
  return digest;
}

/** The message, an octet 0x80, zeros, and the length in bits, to a multiple of 64 octets. RFC 3174 §4. */
function pad(octets: Uint8Array): DataView {
  const padded = new Uint8Array(((octets.length + 8) & ~63) + 64);
  padded.set(octets);
  padded[octets.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, octets.length << 3);
  return view;
}

function mixBlock(state: Int32Array, blocks: DataView, blockOffset: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = blocks.getInt32(blockOffset + t * 4);
  for (let t = 16; t < 80; t++) {
    const word = schedule[t - 3]! ^ schedule[t - 8]! ^ schedule[t - 14]! ^ schedule[t - 16]!;
    schedule[t] = (word << 1) | (word >>> 31);
  }

  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  for (let t = 0; t < 80; t++) {
    let round: number;
    if (t < 20) round = ((b & c) | (~b & d)) + 0x5a827999;
    else if (t < 40) round = (b ^ c ^ d) + 0x6ed9eba1;
    else if (t < 60) round = ((b & c) | (b & d) | (c & d)) - 0x70e44324;
    else round = (b ^ c ^ d) - 0x359d3e2a;
    const next = (((a << 5) | (a >>> 27)) + round + e + schedule[t]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
}
