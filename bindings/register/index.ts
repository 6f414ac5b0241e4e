// The entry `wsimd/register` for `node --import`: replaces ws, bufferutil and utf-8-validate in the application that follows.

import { install } from "./install.ts";

install(import.meta.url);
