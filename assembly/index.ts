// What the module exports: six functions and the addresses of its regions. Begin with memory.ts, then decode.ts.
// (Imported, then exported: `asc` looks for "x.ts.ts" where a re-export names "x.ts".)

import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { highBits, mask } from "./mask.ts";
import {
  CONTROL_PTR,
  INPUT_CAPACITY,
  INPUT_HEADROOM,
  INPUT_PTR,
  RECORDS_PTR,
  SCRATCH_CAPACITY,
  SCRATCH_HEADROOM,
  SCRATCH_PTR,
  UTF16_CAPACITY,
  UTF16_PTR,
} from "./memory.ts";
import { validateUtf8 } from "./utf8.ts";
import { transcode } from "./utf16.ts";

export {
  CONTROL_PTR,
  decode,
  encode,
  highBits,
  INPUT_CAPACITY,
  INPUT_HEADROOM,
  INPUT_PTR,
  mask,
  RECORDS_PTR,
  SCRATCH_CAPACITY,
  SCRATCH_HEADROOM,
  SCRATCH_PTR,
  transcode,
  UTF16_CAPACITY,
  UTF16_PTR,
  validateUtf8,
};
