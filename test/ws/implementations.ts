// The implementations of the API of `ws` that scenarios run on: `ws` itself, whose transcripts are what is expected, and
// ours.

import { createRequire } from "node:module";
import * as ours from "../../bindings/ws/index.ts";
import { ws } from "../support/ws.ts";

// Only its CommonJS entry makes the rest properties of the default export.
createRequire(import.meta.url)("../../../node_modules/ws/index.js");

// biome-ignore lint/suspicious/noExplicitAny: scenarios also do what no type allows, as applications in JavaScript do
export type Loose = any;

/** What a scenario finds in a package. Without types where @types/ws has none, or where a scenario must break them. */
export interface Api {
  readonly name: "ws" | "wsimd/ws";
  readonly WebSocket: Loose;
  readonly WebSocketServer: Loose;
  readonly createWebSocketStream: Loose;
  readonly Receiver: Loose;
  readonly Sender: Loose;
  readonly PerMessageDeflate: Loose;
  readonly extension: Loose;
  readonly subprotocol: Loose;
  /** The default export: `WebSocket`, with the rest as its properties. */
  readonly default: Loose;
}

function apiOf(name: Api["name"], namespace: object): Api {
  return { ...(namespace as Omit<Api, "name">), name };
}

export const reference: Api = apiOf("ws", ws);

/** What is compared with it. */
export const underTest: Api = apiOf("wsimd/ws", ours);

/** The implementation of a name, for programs that are told one by their arguments. */
export function implementation(name: string): Api {
  const found = [reference, underTest].find((api) => api.name === name);
  if (!found) throw new Error(`no implementation ${name}`);
  return found;
}
