// What the loop takes from the module under test, besides its memory: calls go from one instance to the other.

/** See assembly/utf8.ts. */
export declare function validateUtf8(ptr: usize, length: u32, state: u32): u32;
