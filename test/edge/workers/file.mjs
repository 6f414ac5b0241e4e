import { init, initSync } from "wsimd";
import module from "wsimd/wsimd.wasm";
import { exercise } from "./exercise.mjs";

const before = initSync();
const kernel = await init({ module });

export default {
  fetch() {
    return Response.json({ outcome: exercise(), before, kernel });
  },
};
