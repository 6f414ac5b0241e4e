// Control frames, the closing handshake and its failures in `ws`, as applications see them.

import { runArea } from "./run.ts";

runArea("closing");
