// createWebSocketStream() of `ws`, as applications see it.

import { runArea } from "./run.ts";

runArea("stream");
