// What is counted: the package as it is published. Its few files also start several times faster under callgrind than the
// hundred that they are made of.

import type * as Codec from "../../bindings/index.ts";
import type * as OnNode from "../../bindings/node/index.ts";

const dist: URL = new URL("../../../dist/esm/", import.meta.url);

export const importCodec = (): Promise<typeof Codec> => import(String(new URL("index.js", dist)));
export const importNode = (): Promise<typeof OnNode> => import(String(new URL("node.js", dist)));
