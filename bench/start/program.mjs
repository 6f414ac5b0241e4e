// Prints, as JSON, what first-frame.mjs measures of a file. A process of its own each time: nothing is compiled before, nor
// loaded.

import { firstFrame } from "./first-frame.mjs";

console.log(JSON.stringify(await firstFrame(process.argv[2])));
