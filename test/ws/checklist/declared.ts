// What our declarations of `wsimd/ws` have, read as text: a name is typed where its class, interface or union has it.

import { readFileSync } from "node:fs";
import { packageRoot } from "../../support/programs.ts";

/** Where a name belongs: a class, a set of options or events, or what the package exports. */
export type Place =
  | "websocket"
  | "server"
  | "server option"
  | "client option"
  | "deflate option"
  | "send option"
  | "event"
  | "server event"
  | "error code"
  | "export";

const read = (name: string): string => readFileSync(`${packageRoot}bindings/ws/${name}`, "utf8");
const classes = read("ws.d.cts");
const options = read("ws-options.d.cts");
const events = read("ws-events.d.cts");
const parts = read("ws-parts.d.cts");

/** A declaration, from its head to the first line that is as little indented and closes it. */
function declaration(text: string, head: string): string {
  const start = text.indexOf(head);
  if (start === -1) throw new Error(`no ${head} in the declarations`);
  const indent = /[ ]*$/.exec(text.slice(0, start))![0];
  const end = text.indexOf(`\n${indent}}`, start);
  return text.slice(start, end === -1 ? undefined : end);
}

const blocks: Readonly<Record<Place, readonly string[]>> = {
  websocket: [declaration(classes, "declare class WebSocket ")],
  server: [declaration(classes, "class Server<")],
  "server option": [
    declaration(options, "interface ServerOptions"),
    declaration(options, "interface ConnectionOptions"),
  ],
  "client option": [
    declaration(options, "interface ClientOptions"),
    declaration(options, "interface ConnectionOptions"),
  ],
  "deflate option": [declaration(options, "interface PerMessageDeflateOptions")],
  "send option": [declaration(options, "interface SendOptions")],
  event: [declaration(events, "interface WebSocketEvents ")],
  "server event": [declaration(events, "interface WebSocketServerEvents")],
  "error code": [events.slice(events.indexOf("type ErrorCode"), events.indexOf(";", events.indexOf("type ErrorCode")))],
  export: [classes.slice(classes.indexOf("declare namespace")), parts],
};

/** Whether a place declares a name: a member, an event, a code, an export. */
export function isDeclared(place: Place, name: string): boolean {
  const member = new RegExp(`(^|[\\s;"|])${name}(["?:(<;=]| [|=])|(class|const|function|import|as) ${name}\\b`, "m");
  return blocks[place].some((block) => member.test(`${block};`));
}
