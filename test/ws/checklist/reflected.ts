// What an implementation has, by reflection; and where that tells nothing, events and a client's options, by its source.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as ours from "../../../bindings/ws/index.ts";
import { packageRoot } from "../../support/programs.ts";
import type { Loose } from "../implementations.ts";
import type { Place } from "./declared.ts";

/** The one place that says whose members the checklist is of. */
export const implementation: Loose = ours;

/** What is required of ws has everything on the class. */
export const reference: Loose = createRequire(import.meta.url)("ws");

const folder = `${packageRoot}bindings/ws/`;
const source = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
  .map((name) => readFileSync(folder + name, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""))
  .join("\n");

const mentions = (name: string): boolean => new RegExp(`(^|[^\\w$])${name}([^\\w$]|$)`).test(source);

/** Whether ours has what ws has under a name. */
export function isPresent(place: Place, name: string): boolean {
  const { WebSocket, WebSocketServer } = implementation;
  switch (place) {
    case "websocket":
      return name in WebSocket.prototype;
    case "server":
      return name in WebSocketServer.prototype || name in new WebSocketServer({ noServer: true });
    case "export":
      return name in implementation && (name === "WebSocket" || name in implementation.default);
    default:
      return mentions(name);
  }
}

/** The names of a place in ws that are not private: those with an underscore are, and those that its comments say so of. */
export function namesInWs(place: "websocket" | "server" | "server option" | "export"): string[] {
  const { WebSocket, WebSocketServer } = reference;
  const server = new WebSocketServer({ noServer: true });
  const names = {
    websocket: () => Object.getOwnPropertyNames(WebSocket.prototype),
    server: () => [...Object.getOwnPropertyNames(WebSocketServer.prototype), ...Object.keys(server)],
    "server option": () => Object.keys(server.options),
    export: () =>
      Object.getOwnPropertyNames(reference).filter((name) => !/^[A-Z]+$|^(length|name|prototype)$/.test(name)),
  }[place]();
  const isPrivate = /^_|^(constructor|setSocket|emitClose|completeUpgrade|options|CONNECTING|OPEN|CLOSING|CLOSED)$/;
  return names.filter((name) => !isPrivate.test(name));
}

/** Defaults that a server shows, but for the class of its sockets. */
export function defaultsOf({ WebSocketServer }: Loose): Record<string, unknown> {
  const { WebSocket: _class, ...defaults } = new WebSocketServer({ noServer: true }).options;
  return defaults;
}
