// The client of `ws` until it is open, as applications see it.

import { runArea } from "./run.ts";

runArea("client");
