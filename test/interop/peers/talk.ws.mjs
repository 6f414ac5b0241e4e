// The conversation of talk.mjs, through the class of ws.

import { WebSocket } from "ws";

globalThis.WebSocket = WebSocket;
await import("./talk.mjs");
