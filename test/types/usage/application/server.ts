// A server as applications write one: state on a subclass, all events, both shapes of `verifyClient`, every option.

import { createServer, IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import WebSocket, {
  type AddressInfo,
  type PerMessageDeflateOptions,
  type RawData,
  type ServerOptions,
  type VerifyClientCallbackAsync,
  type VerifyClientCallbackSync,
  WebSocketServer,
} from "ws";

class Client extends WebSocket {
  isAlive = true;
  override send(data: Parameters<WebSocket["send"]>[0], options?: unknown, callback?: unknown): void {
    super.send(data, options as { binary: boolean }, callback as () => void);
  }
}

class UserRequest extends IncomingMessage {
  user = "";
}

const sync: VerifyClientCallbackSync<UserRequest> = ({ origin, secure, req }) =>
  origin.length > 0 && secure && req.user !== "";
const async: VerifyClientCallbackAsync<UserRequest> = ({ req }, callback) =>
  callback(false, 401, "no", { "X-User": req.user });

const deflate: PerMessageDeflateOptions = {
  zlibDeflateOptions: { chunkSize: 1024, memLevel: 7, level: 3 },
  zlibInflateOptions: { chunkSize: 10 * 1024 },
  clientNoContextTakeover: true,
  serverNoContextTakeover: true,
  serverMaxWindowBits: 10,
  clientMaxWindowBits: 10,
  concurrencyLimit: 10,
  threshold: 1024,
};

const httpServer = createServer<typeof UserRequest>({ IncomingMessage: UserRequest });
const options: ServerOptions<typeof Client, typeof UserRequest> = {
  server: httpServer,
  WebSocket: Client,
  verifyClient: Math.random() < 0.5 ? sync : async,
  handleProtocols: (protocols, request) => (protocols.has("chat") ? "chat" : request.user === "" && false),
  path: "/socket",
  backlog: 10,
  clientTracking: true,
  perMessageDeflate: deflate,
  maxPayload: 1 << 20,
  skipUTF8Validation: false,
  allowSynchronousEvents: false,
  autoPong: false,
};

const server = new WebSocketServer(options);
server.on("connection", function (client, request) {
  client.isAlive = this.clients.size > 0 && request.user !== "";
  client.on("error", console.error);
  client.on("pong", function (data) {
    (this as Client).isAlive = data.length === 0;
  });
  client.on("message", (data, isBinary) => {
    for (const other of server.clients) {
      if (other !== client && other.readyState === WebSocket.OPEN) other.send(data, { binary: isBinary });
    }
  });
});
server.on("headers", (headers, request) => headers.push(`X-User: ${request.user}`));
server.on("wsClientError", (error, socket, request) => {
  socket.end(`HTTP/1.1 400 ${error.message} ${request.user}\r\n\r\n`);
});
server.on("error", ({ message }) => console.error(message));
server.once("listening", () => server.address());
server.on("close", () => {});
server.off("close", () => {});
server.addListener("connection", ({ isAlive }) => isAlive);
server.removeListener("headers", (headers: string[]) => headers.length);
server.on("an event of the application", (...args) => args.length);

setInterval(() => {
  server.clients.forEach((client) => {
    if (!client.isAlive) client.terminate();
    client.isAlive = false;
    client.ping();
  });
}, 30_000);

/** The three kinds of a message. */
function octets(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return data;
}

const shared = createSecureServer();
const byHand = new WebSocketServer({ noServer: true });
shared.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  if (!byHand.shouldHandle(request)) return socket.destroy();
  byHand.handleUpgrade(request, socket, head, (client, same) => {
    byHand.emit("connection", client, same);
    client.on("message", (data) => octets(data).toString());
  });
});

class Rooms extends WebSocketServer {
  override shouldHandle(request: IncomingMessage): boolean {
    return request.url === "/rooms";
  }
}

const rooms: WebSocketServer = new Rooms({ port: 0, host: "127.0.0.1" }, () => {
  const address = rooms.address() as AddressInfo;
  console.log(address.port, address.family, address.address);
});
rooms.close((error) => error?.message);
new WebSocketServer({ server: shared }).options.path?.length;

// @ts-expect-error a port is a number
new WebSocketServer({ port: "8080" });
// @ts-expect-error there is no such option
new WebSocketServer({ prot: 8080 });
// @ts-expect-error the second parameter is a request
server.on("connection", (client, request) => [client, request.trim()]);
