// Clients of one kind in a process of their own, each of which sends back what it is sent: `node client.js ws 40001 1`, with the
// server's port and how many there are. Text is a string for all of them.

import { WebSocket as UndiciWebSocket } from "undici";
import { WebSocket as WsWebSocket } from "ws";
import { connect, type Socket, WebSocket } from "../../bindings/node/index.ts";

/** Each resolves when its client is open. */
const kinds: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  connect: (url) =>
    connect(url, {
      message(socket, data, isBinary) {
        socket.send(data, { binary: isBinary });
      },
    }),
  "for await": async (url) => {
    echoInLoop(await connect(url));
  },
  WebSocket: (url) => echoInEvents(new WebSocket(url)),
  ws: (url) => {
    const socket = new WsWebSocket(url, { perMessageDeflate: false, allowSynchronousEvents: true });
    socket.on("message", (data, isBinary) => {
      socket.send(isBinary ? data : data.toString(), { binary: isBinary });
    });
    return new Promise((resolve) => socket.once("open", resolve));
  },
  "ws onmessage": (url) =>
    echoInEvents(new WsWebSocket(url, { perMessageDeflate: false, allowSynchronousEvents: true })),
  undici: (url) => echoInEvents(new UndiciWebSocket(url)),
};

async function echoInLoop(socket: Socket): Promise<void> {
  for await (const message of socket) socket.send(message);
}

/** The face that the class of the WHATWG has everywhere. */
function echoInEvents(socket: WebSocket | WsWebSocket | UndiciWebSocket): Promise<unknown> {
  const face = socket as WebSocket;
  face.binaryType = "arraybuffer";
  face.onmessage = ({ data }) => face.send(data as string | ArrayBuffer);
  return new Promise((resolve, reject) => {
    face.onopen = resolve;
    face.onerror = reject;
  });
}

const [, , name = "", port, count] = process.argv;
await Promise.all(Array.from({ length: Number(count) }, () => kinds[name]!(`ws://127.0.0.1:${port}`)));
process.stdin.resume().once("end", () => process.exit()); // the bench has ended
console.log("ready");
