// The entry wsimd/bufferutil for `import`, by name or as a default. `require` gets masks.ts itself: an object of both functions.

import { mask, unmask } from "./masks.ts";

export { mask, unmask };

/** bufferutil's two functions, as `import bufferUtil from "bufferutil"` gives them. */
const bufferUtil: { readonly mask: typeof mask; readonly unmask: typeof unmask } = { mask, unmask };

export default bufferUtil;
