// Every case against wsimd/web, server and client, on both kernels: its results are those of the server and the client on Node.

import { kernelNames } from "../node/support.ts";
import { webConnect, webServer } from "./subjects/wsimd-web.ts";
import { caseSuite } from "./support.ts";

for (const kernel of kernelNames) {
  const test = caseSuite(webServer(kernel), "wsimd server");
  test.run();
}

for (const kernel of kernelNames) {
  const test = caseSuite(webConnect(kernel), "wsimd connect");
  test.run();
}
