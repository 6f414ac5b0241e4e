// Messages of `ws`, both ways, as applications see them.

import { runArea } from "./run.ts";

runArea("messages");
