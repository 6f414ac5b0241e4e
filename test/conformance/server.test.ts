// Every case against our server, on both kernels and in both ways of reading.

import { kernelNames, transportsOf } from "../node/support.ts";
import { wsimdServer } from "./subjects/wsimd.ts";
import { caseSuite } from "./support.ts";

for (const kernel of kernelNames) {
  for (const transport of transportsOf(kernel)) {
    const test = caseSuite(wsimdServer(kernel, transport), "wsimd server");
    test.run();
  }
}
