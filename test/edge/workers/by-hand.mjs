import { init } from "wsimd";
import module from "wsimd/wasm";
import { exercise } from "./exercise.mjs";

const kernel = await init({ module, kernel: "wasm" });

export default {
  fetch() {
    return Response.json({ outcome: exercise(), kernel });
  },
};
