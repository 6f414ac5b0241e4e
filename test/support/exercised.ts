// What exercise.mjs must return, wherever it runs.

/** What every kernel and platform gives. */
export const exercised: object = {
  text: [[[1, 0x80, "Hello"]], [[1, 0x80, "Hello"]]],
  encoded: [true, true],
  masked: "Hello",
  binary: Array(24).fill(true),
  unicode: Array(4).fill(true),
  valid: [true, false],
  notMasked: [true, "ProtocolError", "WS_MASK_MISSING", 1002, 0],
  reserved: [true, "ProtocolError", "WS_RESERVED_OPCODE", 1002, 7],
  notUtf8: [true, "InvalidPayloadError", "WS_INVALID_UTF8", 1007, 0],
  usage: [true, "UsageError", "WS_OPTION"],
  conversation: [
    "server ping there?",
    "server Grüße, 你好, 👋🏽",
    "server 01 02 03",
    "client pong there?",
    "client Grüße, 你好, 👋🏽",
    "client 01 02 03",
    "server close 1000 done",
    "client close 1000 ",
  ],
};
