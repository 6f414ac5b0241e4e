// The numbers of RFC 6455 under names: opcodes (§5.2, §11.8) and close codes (§7.4, and those registered since).

/** Frame opcodes. RFC 6455 §11.8. */
export const Opcode = {
  Continuation: 0x0,
  Text: 0x1,
  Binary: 0x2,
  Close: 0x8,
  Ping: 0x9,
  Pong: 0xa,
} as const;

/** Close codes. RFC 6455 §7.4.1 and its registry. */
export const CloseCode = {
  NormalClosure: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  /** Reported where a Close frame had no code; never sent. */
  NoStatusReceived: 1005,
  /** Reported where no Close frame came; never sent. */
  AbnormalClosure: 1006,
  InvalidFramePayloadData: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  MandatoryExtension: 1010,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
  /** Reported by some where TLS failed; never sent. */
  TlsHandshake: 1015,
} as const;

/** Whether a Close frame may carry `code`. RFC 6455 §7.4. */
export function isCloseCode(code: unknown): code is number {
  if (typeof code !== "number" || !Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
