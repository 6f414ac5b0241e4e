// The two times for which the connections of Node's event loop wait.

import { Later } from "../connection/later.ts";

/** The end of a tick: after the microtasks that the present work leaves, before the next event. */
export const tickEnd: Later = /*#__PURE__*/ new Later((run) => process.nextTick(run));

/** After every other socket that is readable has been read. */
export const nextTurn: Later = /*#__PURE__*/ new Later((run) => setImmediate(run));
