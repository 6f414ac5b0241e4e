import { init } from "wsimd";
import { exercise, watchWebAssembly } from "./exercise.mjs";

const watched = watchWebAssembly();

async function run() {
  const module = await WebAssembly.compileStreaming(fetch("/wsimd.wasm"));
  const kernel = await init({ module });
  return { outcome: exercise(), kernel, ...watched };
}

globalThis.answer = run();
