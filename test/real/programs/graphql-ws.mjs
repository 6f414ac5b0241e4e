// graphql-ws: its server over a WebSocketServer, its client over ws's WebSocket, and clients of ws that break its protocol.

import { once } from "node:events";
import { GraphQLInt, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { createClient } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { WebSocket, WebSocketServer } from "ws";
import { ending, isReplaced, tell, text } from "./support.mjs";

const LONG_LENGTH = 100_000;
// A peer whose pong takes longer is dropped, and here both sides share a thread.
const KEEP_ALIVE_MS = 1000;
let endlessReturned = false;

async function* count(_, { to }) {
  for (let number = 1; number <= to; number++) yield { count: number };
}
async function* endless() {
  try {
    for (let number = 0; ; number++) {
      yield { endless: number };
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    endlessReturned = true;
  }
}

const fields = (subscribe, args = {}) => ({ type: GraphQLInt, args, subscribe });
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: "Query",
    fields: {
      hello: {
        type: GraphQLString,
        args: { name: { type: GraphQLString } },
        resolve: (_, { name }) => `hello ${name}`,
      },
      long: { type: GraphQLString, resolve: () => text(LONG_LENGTH) },
      fault: {
        type: GraphQLString,
        resolve: () => {
          throw new Error("no luck");
        },
      },
    },
  }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: { count: fields(count, { to: { type: new GraphQLNonNull(GraphQLInt) } }), endless: fields(endless) },
  }),
});

tell(async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", path: "/graphql" });
  await once(server, "listening");
  const url = `ws://127.0.0.1:${server.address().port}/graphql`;
  const options = {
    schema,
    connectionInitWaitTimeout: 1000,
    onConnect: ({ connectionParams }) => (connectionParams?.token === "wrong" ? false : { welcome: true }),
  };
  const service = useServer(options, server, KEEP_ALIVE_MS);
  const transcript = {};

  // Its own client, all on one connection.
  const sockets = [];
  class Watched extends WebSocket {
    constructor(...args) {
      super(...args);
      sockets.push(this);
    }
  }
  const client = createClient({
    url,
    webSocketImpl: Watched,
    lazy: false,
    retryAttempts: 0,
    connectionParams: { token: "right" },
  });
  const ready = new Promise((resolve) => client.on("connected", (_, payload) => resolve(payload)));
  transcript.welcome = await ready;
  transcript.isReplaced = [isReplaced(sockets[0]), isReplaced([...server.clients][0])];
  transcript.protocol = sockets[0].protocol;

  const all = async (query) => {
    const values = [];
    for await (const { data, errors } of client.iterate({ query }))
      values.push(errors === undefined ? data : errors.map(({ message }) => message));
    return values;
  };
  transcript.query = await all('{ hello(name: "満員") }');
  transcript.fault = await all("{ fault }");
  transcript.long = (await all("{ long }"))[0].long === text(LONG_LENGTH);
  transcript.subscription = await all("subscription { count(to: 5) }");
  transcript.atOnce = (await Promise.all(Array.from({ length: 20 }, () => all("subscription { count(to: 50) }")))).map(
    (values) => values.map(({ count }) => count).join() === Array.from({ length: 50 }, (_, index) => index + 1).join(),
  );
  for await (const { data } of client.iterate({ query: "subscription { endless }" })) if (data.endless === 3) break;
  while (!endlessReturned) await new Promise((resolve) => setTimeout(resolve, 5));
  transcript.endlessReturned = endlessReturned;
  // The server pings and drops whoever does not answer.
  await once(sockets[0], "ping");
  transcript.stillOpen = sockets[0].readyState;
  const clientClosed = new Promise((resolve) => client.on("closed", ({ code, reason }) => resolve([code, reason])));
  await client.dispose();
  transcript.clientClosed = await clientClosed;

  // What its protocol forbids, and the codes it closes with.
  const init = '{"type":"connection_init"}';
  const subscribe = '{"id":"1","type":"subscribe","payload":{"query":"subscription { endless }"}}';
  const acknowledged = Symbol("waits for the answer");
  const faults = {
    "no JSON": ["nonsense"],
    octets: [init, Buffer.from("ff00", "hex")],
    "no init": [],
    "subscribes before init": [subscribe],
    "two inits": [init, init],
    "one id twice": [init, acknowledged, subscribe, subscribe],
    refused: ['{"type":"connection_init","payload":{"token":"wrong"}}'],
  };
  transcript.faults = {};
  for (const [name, messages] of Object.entries(faults)) {
    const socket = new WebSocket(url, "graphql-transport-ws");
    socket.on("open", async () => {
      for (const message of messages) {
        if (message === acknowledged) await once(socket, "message");
        else socket.send(message);
      }
    });
    const { code, reason } = await ending(socket);
    transcript.faults[name] = [code, reason];
  }
  transcript.otherProtocol = await ending(new WebSocket(url, "graphql-ws"));
  transcript.noProtocol = await ending(new WebSocket(url));
  transcript.otherPath = await ending(new WebSocket(url.replace("graphql", "else"), "graphql-transport-ws"));

  const last = new WebSocket(url, ["other", "graphql-transport-ws"]);
  await once(last, "open");
  transcript.chosen = last.protocol;
  const [lastEnding] = await Promise.all([ending(last), service.dispose()]);
  transcript.disposed = [lastEnding.code, lastEnding.reason];
  return transcript;
});
