// Every case against our clients, on both kernels.

import { kernelNames } from "../node/support.ts";
import { wsimdConnect, wsimdLoop, wsimdWebSocket } from "./subjects/wsimd.ts";
import { caseSuite } from "./support.ts";

for (const kernel of kernelNames) {
  const test = caseSuite(wsimdConnect(kernel), "wsimd connect");
  test.run();
}

for (const kernel of kernelNames) {
  const test = caseSuite(wsimdLoop(kernel), "wsimd connect, for await");
  test.run();
}

for (const kernel of kernelNames) {
  const test = caseSuite(wsimdWebSocket(kernel), "wsimd WebSocket");
  test.run();
}
