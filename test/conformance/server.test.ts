// Every case against our server, on both kernels.

import { kernelNames } from "../node/support.ts";
import { wsimdServer } from "./subjects/wsimd.ts";
import { caseSuite } from "./support.ts";

for (const kernel of kernelNames) {
  const test = caseSuite(wsimdServer(kernel), "wsimd server");
  test.run();
}
