// permessage-deflate of `ws`, on the wire and as applications see it.

import { runArea } from "./run.ts";

runArea("deflate");
