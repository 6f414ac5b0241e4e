// The package ws itself, by the path of its file: what Bun gives for the name is a client and a server of Bun's own.

import type * as Ws from "ws";

export const ws: typeof Ws = await import(new URL("../../../node_modules/ws/wrapper.mjs", import.meta.url).href);
