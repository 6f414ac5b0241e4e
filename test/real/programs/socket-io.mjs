// Socket.IO over its websocket transport alone: `node socket-io.mjs [deflate]`. A broadcast of text goes out as one frame made by
// socket.io-adapter and is written by engine.io past `send`; everything else by `send`.

import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import { isReplaced, listen, octets, tell, text } from "./support.mjs";

const CLIENT_COUNT = 200;
const perMessageDeflate = process.argv.includes("deflate") ? { threshold: 0 } : false;

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
/** The socket of ws below a client, and below the server's socket of it. */
const below = (client) => client.io.engine.transport.ws;
const belowServer = (socket) => socket.conn.transport.socket;

tell(async () => {
  const server = createServer();
  const io = new Server(server, {
    transports: ["websocket"],
    perMessageDeflate,
    maxHttpBufferSize: 500_000,
    cookie: { name: "visitor" },
  });
  io.engine.on("headers", (headers) => {
    headers["x-served-by"] = "engine";
  });
  io.on("connection", (socket) => {
    socket.on("echo", (...args) => args.pop()(...args));
    socket.on("join", (room, done) => done(socket.join(room)));
    socket.on("leave", (room, done) => done(socket.leave(room)));
  });
  const port = await listen(server);
  const left = new Map();
  io.on("connection", (socket) => socket.on("disconnect", (reason) => left.set(socket.handshake.query.name, reason)));

  const open = (name) => {
    const client = connect(`http://127.0.0.1:${port}`, {
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      perMessageDeflate,
      query: { name },
      extraHeaders: { "x-name": name },
    });
    return new Promise((resolve, reject) => {
      client.on("connect", () => resolve(client));
      client.on("connect_error", reject);
    });
  };
  const serverSide = (client) => io.sockets.sockets.get(client.id);
  const transcript = {};

  // One client: what it is made of, acknowledgements, text and octets both ways.
  const first = await open("first");
  const peer = serverSide(first);
  transcript.isReplaced = [isReplaced(below(first)), isReplaced(belowServer(peer))];
  transcript.transport = [first.io.engine.transport.name, peer.conn.transport.name];
  transcript.extensions = [below(first).extensions !== "", belowServer(peer).extensions !== ""];
  transcript.address = peer.handshake.address;
  transcript.header = peer.handshake.headers["x-name"];
  const nested = { octets: octets(300), list: [octets(0), { deep: octets(3, 9) }], text: "grün 満員" };
  const echoed = await first.emitWithAck("echo", nested);
  transcript.nested = [echoed.octets.equals(nested.octets), echoed.list[0].length, echoed.list[1].deep.toString("hex")];
  transcript.nestedText = echoed.text;
  transcript.long = [];
  for (const length of [125, 126, 65_535, 65_536, 100_000])
    transcript.long.push((await first.emitWithAck("echo", text(length))) === text(length));
  first.on("ask", (question, answer) => answer(`${question} yes`));
  transcript.asked = await peer.timeout(5000).emitWithAck("ask", "well?");
  transcript.unheard = await peer
    .timeout(50)
    .emitWithAck("nobody listens")
    .catch((error) => error.message);

  // A volatile event is dropped while an earlier one is not yet written, and arrives when all is.
  const heard = [];
  first.onAny((event) => heard.push(event));
  peer.emit("one");
  peer.volatile.emit("dropped");
  await peer.timeout(5000).emitWithAck("ask", "written?");
  io.emit("to all");
  peer.volatile.emit("dropped too");
  await peer.timeout(5000).emitWithAck("ask", "all written?");
  peer.volatile.emit("two");
  await peer.timeout(5000).emitWithAck("ask", "and that?");
  transcript.volatile = heard;
  first.offAny();

  // Many clients: order between broadcasts and what is sent to one, rooms, octets, acknowledgements of all.
  const clients = await Promise.all(Array.from({ length: CLIENT_COUNT }, (_, index) => open(`many ${index}`)));
  const received = clients.map(() => []);
  clients.forEach((client, index) => {
    client.on("news", (...args) => received[index].push(args));
    client.on("settle", (answer) => answer(1));
  });
  /** When all have answered, all that was sent before has arrived: a connection keeps its order. */
  const settle = async () => sum((await io.timeout(20_000).except("first").emitWithAck("settle")).flat());
  await first.emitWithAck("join", "first");
  for (let round = 0; round < 10; round++) {
    io.emit("news", round);
    for (const client of clients) serverSide(client).emit("news", "yours");
  }
  io.emit("news", text(70_000), "long");
  io.emit("news", octets(1000));
  transcript.settled = await settle();
  const expected = JSON.stringify([
    ...Array.from({ length: 10 }, (_, round) => [[round], ["yours"]]).flat(),
    [text(70_000), "long"],
    [octets(1000)],
  ]);
  transcript.inOrder = received.filter((list) => JSON.stringify(list) === expected).length;
  for (const list of received) list.length = 0;

  await Promise.all(clients.map((client, index) => client.emitWithAck("join", index % 2 === 0 ? "even" : "odd")));
  await Promise.all(clients.slice(0, 10).map((client) => client.emitWithAck("join", "ten")));
  io.to("even").emit("news", "even");
  io.to("even").to("ten").emit("news", "even or ten");
  io.except("odd").emit("news", "not odd");
  io.volatile.emit("news", "maybe");
  await settle();
  await clients[0].emitWithAck("leave", "even");
  serverSide(clients[1]).to("odd").emit("news", "odd but one");
  io.in("even").local.compress(false).emit("news", "even again");
  await settle();
  const counts = {};
  for (const [word] of received.flat()) if (word !== "maybe") counts[word] = (counts[word] ?? 0) + 1;
  transcript.rooms = counts;
  transcript.engineCount = io.engine.clientsCount;

  // Why connections end, on both sides.
  const endings = {
    "client disconnects": (client) => client.disconnect(),
    "server disconnects": (client) => serverSide(client).disconnect(true),
    "server leaves the namespace": (client) => serverSide(client).disconnect(),
    "client closes its engine": (client) => client.io.engine.close(),
    "client's socket is dropped": (client) => below(client).terminate(),
    "server's socket is dropped": (client) => belowServer(serverSide(client)).terminate(),
    "client closes with a code": (client) => below(client).close(4123, "enough"),
    "server closes with a code": (client) => belowServer(serverSide(client)).close(4124, "enough"),
    "client sends too much": (client) => client.emit("echo", text(600_000), () => {}),
  };
  transcript.endings = {};
  for (const [name, end] of Object.entries(endings)) {
    const client = await open(name);
    const atServer = once(serverSide(client), "disconnect");
    const atClient = once(client, "disconnect");
    end(client);
    const [reason, details] = await atClient;
    transcript.endings[name] = [(await atServer)[0], reason, details?.context?.code ?? null];
    client.disconnect();
  }

  const lasts = clients.slice(0, 3).map((client) => once(client, "disconnect"));
  await io.close();
  transcript.shutDown = (await Promise.all(lasts)).map(([reason]) => reason);
  transcript.shutDownAtServer = left.get("many 0");
  transcript.leftCount = left.size;
  return transcript;
});
