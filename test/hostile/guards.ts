// Every guard that is removed, one a time. Each section's are in a file of its own.

import type { Guard } from "./guard.ts";
import { callerGuards } from "./guards-callers.ts";
import { ceilingGuards } from "./guards-ceiling.ts";
import { deflateGuards } from "./guards-deflate.ts";
import { frameGuards } from "./guards-frames.ts";
import { handshakeGuards } from "./guards-handshake.ts";
import { memoryGuards, secretGuards } from "./guards-memory.ts";
import { streamGuards } from "./guards-streams.ts";

export const guards: readonly Guard[] = [
  ...frameGuards,
  ...memoryGuards,
  ...callerGuards,
  ...secretGuards,
  ...handshakeGuards,
  ...ceilingGuards,
  ...deflateGuards,
  ...streamGuards,
];
