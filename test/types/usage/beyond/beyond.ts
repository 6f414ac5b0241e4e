// What ws has and `@types/ws` lacks: compiled with `wsimd/ws` alone.

import { PassThrough, type Writable } from "node:stream";
import WebSocket, {
  type ClientOptions,
  type ErrorCode,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  type SendOptions,
  type Server,
  type ServerOptions,
  subprotocol,
  type WebSocketEvents,
  WebSocketServer,
  type WebSocketServerEvents,
} from "ws";

const limits = { closeTimeout: 1000, maxPendingAutoPongs: 10, maxFragments: 16, maxBufferedChunks: 16 };
const clientOptions: ClientOptions = { ...limits, protocols: ["chat"] };
const serverOptions: ServerOptions = { ...limits, port: 0 };
const client = new WebSocket("https://example.com", clientOptions);
new WebSocket("http://example.com", { protocols: "chat" });
new WebSocket(null, undefined, { autoPong: true, closeTimeout: 1000, maxPendingAutoPongs: 60 });
client.binaryType = "blob";
client.ping("a", () => {});
client.pong("a", (error) => error.message);
const sendOptions: SendOptions = { binary: true };
client.send("a", sendOptions);

class Client extends WebSocket {
  name = "";
}
const server: WebSocketServer<typeof Client> = new WebSocketServer({ ...serverOptions, WebSocket: Client });
for (const { name } of server.clients) name.trim();
const same: typeof Server = WebSocketServer;
const onClass = [
  WebSocket.Server === same,
  WebSocket.WebSocketServer === same,
  WebSocket.WebSocket === WebSocket,
  WebSocket.Receiver === Receiver,
  WebSocket.Sender === Sender,
  WebSocket.PerMessageDeflate === PerMessageDeflate,
  WebSocket.extension === extension,
  WebSocket.subprotocol === subprotocol,
  typeof WebSocket.createWebSocketStream === "function",
];

client.on(
  "error",
  (error: Error & { code?: ErrorCode | string }) => error.code === ("WS_ERR_INVALID_UTF8" satisfies ErrorCode),
);
const closed = (...[code, reason]: WebSocketEvents["close"]): string => `${code.toFixed()} ${reason.toString("utf8")}`;
client.on("close", closed);
const connected = (...[one]: WebSocketServerEvents<Client>["connection"]): string => one.name;
server.on("connection", connected);

const deflate = new PerMessageDeflate({ isServer: true, maxPayload: 1 << 20, threshold: 10 });
const offers = extension.parse("permessage-deflate; client_max_window_bits")[PerMessageDeflate.extensionName]!;
const agreed: string = extension.format({ [PerMessageDeflate.extensionName]: deflate.accept(offers) });
deflate.compress("text", true, (_error, result) => result?.length);
deflate.decompress(Buffer.alloc(0), true, (error) => error?.message);
const offered: boolean = deflate.offer().client_max_window_bits === true && deflate.params === null;
deflate.cleanup();

const receiver: Writable = new Receiver({ isServer: true, binaryType: "fragments", maxPayload: 0 });
new PassThrough().pipe(receiver).on("conclude", (code: number, reason: Buffer) => [code, reason]);
const sender = new Sender(new PassThrough(), { [PerMessageDeflate.extensionName]: deflate });
sender.send("text", { binary: false, fin: true, mask: false, compress: false }, () => {});
sender.close(1000, "done", false, () => {});
const octets = Buffer.concat(Sender.frame(Buffer.from("text"), { opcode: 1, fin: true, mask: true }) as Buffer[]);
const names: Set<string> = subprotocol.parse("chat, superchat");

export { agreed, names, octets, offered, onClass };
