// A page whose policy refuses to compile: what is asked again and again is tried, and reported, once.

import { init, initSync } from "wsimd";
import { exercise, watchWebAssembly } from "./exercise.mjs";

/** What the policy was broken by, in order, up to a script that this page puts into itself to mark the end. */
function violations() {
  const seen = [];
  return new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", ({ blockedURI }) => {
      if (blockedURI === "inline") resolve(seen);
      else seen.push(blockedURI);
    });
  });
}

async function run() {
  const reported = violations();
  const watched = watchWebAssembly();
  const outcome = exercise();
  const kernels = [initSync(), initSync({ kernel: "auto" }), await init()];
  const refusal = await init({ kernel: "wasm" }).catch(({ code, cause }) => [code, cause.name]);
  exercise();
  document.head.append(Object.assign(document.createElement("script"), { textContent: "0" }));
  return { outcome, kernels, refusal, instances: watched.instances, violations: await reported };
}

globalThis.answer = run();
