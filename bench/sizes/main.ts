// npm run sizes: octets of the module and of every entry, beside their budgets.

import { isWithin, type Size, weigh } from "./sizes.ts";

const WIDTH = 38;
const count = (octets: number | undefined): string => (octets?.toLocaleString("en") ?? "none").padStart(12);

function line(size: Size): string {
  const { name, length, gzippedLength, budget } = size;
  return name.padEnd(WIDTH) + [length, gzippedLength, budget].map(count).join("") + (isWithin(size) ? "" : "  OVER");
}

const heading = ["minified", "gzipped", "budget"].map((name) => name.padStart(12)).join("");
console.log(`octets, minified by esbuild; budgets are of what is gzipped, the module's of the file itself`);
console.log("".padEnd(WIDTH) + heading);
for (const size of await weigh()) console.log(line(size));
