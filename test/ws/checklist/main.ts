// Writes what is generated in docs/ws-api.md: npm run ws:checklist

import { readFileSync, writeFileSync } from "node:fs";
import { packageRoot } from "../../support/programs.ts";
import { rewritten } from "./page.ts";

const path = `${packageRoot}docs/ws-api.md`;
writeFileSync(path, rewritten(readFileSync(path, "utf8")));
