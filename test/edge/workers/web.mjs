// wsimd/web in a worker: clients over sockets of workerd's, and one server, made as the worker starts, for all requests.
// The path says what to do, ?url= with whom; the answer is what came of it, as JSON.

import { connect as dialTcp } from "cloudflare:sockets";
import { initSync } from "wsimd";
import { connect, createServer, WebSocketStream } from "wsimd/web";

const dial = ({ hostname, port, secure }) =>
  dialTcp({ hostname, port }, { secureTransport: secure ? "on" : "off", allowHalfOpen: true });

const seen = [];
const server = createServer({
  message(socket, data, isBinary) {
    seen.push(typeof data === "string" ? data : data.length);
    socket.send(data, { binary: isBinary });
  },
});

const shownOf = (message) => (typeof message === "string" ? message : [...new Uint8Array(message)]);

/** Text, octets, fragments and pings, and a close of our own. */
async function client(url) {
  const pongs = [];
  const socket = await connect(url, dial, {
    pong: (_socket, data) => pongs.push(new TextDecoder().decode(data)),
  });
  socket.send("é語😀");
  socket.send(Uint8Array.of(1, 2, 3));
  socket.ping("beat");
  await socket.sendStream(["in ", "three ", "parts"]);
  socket.send("x".repeat(500_000));
  const messages = [];
  for await (const message of socket) {
    messages.push(message.length > 100 ? message.length : shownOf(message));
    if (messages.length === 4) socket.close(4000, "done");
  }
  const { sent, received, error } = socket.closeReport;
  return { kernel: initSync(), messages, pongs, sent, received, error: error === undefined ? null : String(error) };
}

/** A peer that closes, with what it is asked for. */
async function closedBy(url) {
  const closed = Promise.withResolvers();
  const socket = await connect(url, dial, {
    close: (_socket, code, reason) => closed.resolve({ code, reason }),
    message() {},
  });
  socket.send("close 4321 as you wish");
  return closed.promise;
}

/** A refusal, and an address where nobody is. */
async function failing(url) {
  const failure = (promise) =>
    promise.then(
      () => "it did not",
      (error) => error.code ?? error.name,
    );
  return {
    refused: await failure(connect(`${url}/refused`, dial)),
    nobody: await failure(connect("ws://127.0.0.1:1", dial)),
  };
}

async function stream(url) {
  const socket = new WebSocketStream(url, { streams: dial });
  const { readable, writable } = await socket.opened;
  const writer = writable.getWriter();
  const reader = readable.getReader();
  await writer.write("hello");
  const { value } = await reader.read();
  socket.close({ closeCode: 4001, reason: "enough" });
  return { value, closed: await socket.closed, end: (await reader.read()).done };
}

/** The worker's own server, over the streams of one request. */
async function served(text) {
  const there = new TransformStream();
  const back = new TransformStream();
  const over = server.serve({ readable: there.readable, writable: back.writable });
  const socket = await connect("ws://worker/", { readable: back.readable, writable: there.writable });
  const answers = [];
  for (let count = 0; count < 3; count++) socket.send(`${text} ${count}`);
  for await (const message of socket) {
    answers.push(message);
    await new Promise((resolve) => setTimeout(resolve, 5)); // other requests come in between
    if (answers.length === 3) socket.close();
  }
  await over;
  return { answers, open: server.sockets.size };
}

/** A handshake that nobody answers: given up when `isDone` resolves, or when its time is over. */
async function unanswered(isDone) {
  const controller = new AbortController();
  isDone?.then(() => controller.abort(new Error("done")));
  const streams = { readable: new ReadableStream(), writable: new WritableStream() };
  const options = { handshakeTimeoutMs: 1000, signal: controller.signal };
  return connect("ws://nobody/", streams, options).catch((error) => error.code ?? error.message);
}

/** Two handshakes of two requests, one begun after the other: time goes on for the second when the first request is over. */
const begun = new Set();
const until = async (which) => {
  while (!begun.has(which)) await new Promise((resolve) => setTimeout(resolve, 1));
};
async function timed(which) {
  if (which === "second") await until("first");
  const outcome = unanswered(which === "first" ? until("second") : undefined);
  begun.add(which);
  return outcome;
}

/** Waits until as many requests as are asked for are here: they are served at a time. */
let here = 0;
async function meet(count) {
  here++;
  while (here % count !== 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const url = searchParams.get("url");
    try {
      if (pathname === "/client") return Response.json(await client(url));
      if (pathname === "/closed") return Response.json(await closedBy(url));
      if (pathname === "/failing") return Response.json(await failing(url));
      if (pathname === "/stream") return Response.json(await stream(url));
      if (pathname === "/served") return Response.json(await served(searchParams.get("text")));
      if (pathname === "/timed") return Response.json(await timed(searchParams.get("text")));
      await meet(2);
      return Response.json(await Promise.all([client(url), served(searchParams.get("text"))]));
    } catch (error) {
      return new Response(error?.stack ?? String(error), { status: 500 });
    }
  },
};
