// The two times for which the connections of Node's event loop wait.

import { Later } from "../connection/later.ts";
import { afterMicrotasks } from "./tasks.ts";

/** The end of a tick: after the microtasks that the present work leaves, and those that they leave, before the next event. */
export const tickEnd: Later = /*#__PURE__*/ new Later(afterMicrotasks);

/** After every other socket that is readable has been read. */
export const nextTurn: Later = /*#__PURE__*/ new Later((run) => setImmediate(run));
