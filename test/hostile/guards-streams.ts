// Guards of messages in parts: how much of one waits, on its way in and on its way out.

import { type Guard, guard } from "./guard.ts";

export const streamGuards: readonly Guard[] = [
  guard(
    "what waits for a slow loop stops the peer",
    "bindings/connection/streaming.ts",
    "stream-server",
    "this.hasEnd || current.waitingLength >= MARK",
    "this.hasEnd",
  ),
];
