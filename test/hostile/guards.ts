// Every guard that is removed, one a time. Each section's are in a file of its own.

import type { Guard } from "./guard.ts";
import { ceilingGuards } from "./guards-ceiling.ts";
import { frameGuards } from "./guards-frames.ts";
import { handshakeGuards } from "./guards-handshake.ts";

export const guards: readonly Guard[] = [...frameGuards, ...handshakeGuards, ...ceilingGuards];
