// The WHATWG WebSocket of `undici`, which Node has as a global. It always offers permessage-deflate.

import { createRequire } from "node:module";
import { WebSocket } from "undici";
import type { ClientSubject } from "../subject.ts";

const { version } = createRequire(import.meta.url)("undici/package.json") as { readonly version: string };

export const undiciClient: ClientSubject = {
  name: "undici client",
  version,
  role: "client",
  run(url) {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => socket.send(data));
    return new Promise((resolve) => {
      socket.addEventListener("close", () => resolve());
    });
  },
};
