// The end of a tick on Node: after the microtasks that the present work leaves, before the next event.

import { TickFlusher } from "../connection/tick-flusher.ts";

/** The flusher of every connection on Node. */
export const nodeFlusher: TickFlusher = /*#__PURE__*/ new TickFlusher((run) => process.nextTick(run));
