// The events of a WebSocket as a browser has them, and what becomes of listeners that throw.

import { runArea } from "./run.ts";

runArea("events");
