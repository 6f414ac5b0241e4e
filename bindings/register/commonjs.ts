// The entry `wsimd/register` for `node --require`.

import { pathToFileURL } from "node:url";
import { install } from "./install.ts";

install(pathToFileURL(__filename).href);
