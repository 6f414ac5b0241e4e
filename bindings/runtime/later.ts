// The two times for which the connections of Node's event loop wait.

import { Later } from "../connection/later.ts";
import { afterMicrotasks } from "./tasks.ts";

/** The end of a tick: after the microtasks that the present work leaves, and those that they leave, before the next event. */
export const tickEnd: Later = /*#__PURE__*/ new Later(afterMicrotasks);

/**
 * After every other socket that is readable has been read. Deno looks at its sockets only after some sixty turns that follow
 * each other by setImmediate, and by a timer after each: a peer beside a flood waited 6.3 ms by the one, 0.02 by the other.
 */
export const nextTurn: Later = /*#__PURE__*/ new Later(
  process.versions.deno === undefined ? (run) => setImmediate(run) : (run) => setTimeout(run, 0),
);
