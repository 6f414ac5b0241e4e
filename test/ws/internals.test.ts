// What packages touch of `ws` though no documentation tells of it.

import { runArea } from "./run.ts";

runArea("internals");
