// The guards against a careless caller: what an application passes is checked, and used as it is.

import { type Guard, guard } from "./guard.ts";

export const callerGuards: readonly Guard[] = [
  guard(
    "a close reason has at most 123 octets (§5.5)",
    "bindings/connection/closing.ts",
    "usage",
    "if (octets.length > MAX_CONTROL_LENGTH - 2) {",
    "if (octets.length > 1e9) {",
  ),
  guard(
    "a close reason is a string or a Uint8Array",
    "bindings/connection/closing.ts",
    "usage",
    "!(reason instanceof Uint8Array)",
    "!((value: unknown): value is Uint8Array => value instanceof Object)(reason)",
  ),
  guard(
    "a ping has at most 125 octets (§5.5)",
    "bindings/connection/closing.ts",
    "usage",
    "if (octets.length <= MAX_CONTROL_LENGTH) return octets;",
    "if (octets.length <= 1e9) return octets;",
  ),
  guard(
    "octets are a buffer or a view of one, never a length",
    "bindings/codec/octets.ts",
    "usage",
    "  if (isBuffer(source)) return new Uint8Array(source);\n",
    "  if (isBuffer(source) || typeof source !== 'string') return new Uint8Array(source as ArrayBuffer);\n",
  ),
  guard(
    "a view's octets are its own part of its buffer",
    "bindings/codec/octets.ts",
    "usage",
    "return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);",
    "return new Uint8Array(source.buffer);",
  ),
  guard(
    "a limit is used as it is",
    "bindings/options.ts",
    "usage",
    "value >= least && value <= most) return value;",
    "value >= least && value <= most) return value | 0;",
  ),
  guard(
    "a limit is a whole number",
    "bindings/options.ts",
    "usage",
    "Number.isInteger(value) && value >= least",
    "value >= least",
  ),
];
