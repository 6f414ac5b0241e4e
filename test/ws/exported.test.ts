// Sender, Receiver, PerMessageDeflate, extension and subprotocol of `ws`, which it exports.

import { runArea } from "./run.ts";

runArea("exported");
