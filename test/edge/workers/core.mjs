import { initSync } from "wsimd";
import { exercise, watchWebAssembly } from "./exercise.mjs";

const watched = watchWebAssembly();

export default {
  fetch() {
    const outcome = exercise();
    const { compiled, instances } = watched; // before the first call of initSync
    return Response.json({ outcome, compiled, instances, kernel: initSync() });
  },
};
