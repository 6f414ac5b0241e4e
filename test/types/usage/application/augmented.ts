// Members that an application adds to the interfaces of the module; optional, as the constructor does not set them.

import type { ServerOptions, WebSocket } from "ws";

declare module "ws" {
  interface WebSocket {
    isAlive?: boolean;
  }
  interface ServerOptions {
    name?: string;
  }
}

export const alive = (socket: WebSocket): boolean => socket.isAlive === true;
export const named: ServerOptions = { port: 0, name: "" };
