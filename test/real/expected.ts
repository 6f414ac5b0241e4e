// What the programs tell on ws, by topic. Not every topic is here: the rest has only to be the same where ws is replaced.

const nothing = { messages: [], reason: "" };
const refusal = { ...nothing, error: "Error", code: 1006 };
const done = { messages: [], code: 4000, reason: "done" };
const closedByServer = { messages: [], code: 4001, reason: "満員" };

const socketIo = {
  transport: ["websocket", "websocket"],
  extensions: [false, false],
  address: "127.0.0.1",
  header: "first",
  nested: [true, 0, "092847"],
  nestedText: "grün 満員",
  long: [true, true, true, true, true],
  asked: "well? yes",
  unheard: "operation has timed out",
  volatile: ["one", "ask", "to all", "ask", "two", "ask"],
  settled: 200,
  inOrder: 200,
  rooms: { even: 100, "even or ten": 105, "not odd": 100, "even again": 99, "odd but one": 99 },
  endings: {
    "client disconnects": ["client namespace disconnect", "io client disconnect", null],
    "server disconnects": ["server namespace disconnect", "io server disconnect", null],
    "server leaves the namespace": ["server namespace disconnect", "io server disconnect", null],
    "client closes its engine": ["transport close", "forced close", null],
    "client's socket is dropped": ["transport close", "transport close", 1006],
    "server's socket is dropped": ["transport close", "transport close", 1006],
    "client closes with a code": ["transport close", "transport close", 4123],
    "server closes with a code": ["transport close", "transport close", 4124],
    "client sends too much": ["transport error", "transport close", 1009],
  },
  shutDown: ["transport close", "transport close", "transport close"],
  shutDownAtServer: "server shutting down",
  leftCount: 210,
};

const graphqlWs = {
  welcome: { welcome: true },
  protocol: "graphql-transport-ws",
  query: [{ hello: "hello 満員" }],
  fault: [["no luck"]],
  long: true,
  subscription: [1, 2, 3, 4, 5].map((count) => ({ count })),
  atOnce: Array(20).fill(true),
  endlessReturned: true,
  stillOpen: 1,
  clientClosed: [1000, "Normal Closure"],
  faults: {
    "no JSON": [4400, "Invalid message received"],
    octets: [4400, "Invalid message received"],
    "no init": [4408, "Connection initialisation timeout"],
    "subscribes before init": [4401, "Unauthorized"],
    "two inits": [4429, "Too many initialisation requests"],
    "one id twice": [4409, "Subscriber for 1 already exists"],
    refused: [4403, "Forbidden"],
  },
  otherProtocol: { ...nothing, error: "Error", code: 1006 },
  noProtocol: { messages: [], code: 4406, reason: "Subprotocol not acceptable" },
  otherPath: { ...refusal, httpStatus: 400 },
  chosen: "graphql-transport-ws",
  disposed: [1001, "Going away"],
};

const fastifyAnswers = [
  ["text", 0, true],
  ["text", 12, true],
  ["text", 75_121, true],
  ["octets", 0, true],
  ["octets", 126, true],
  ["octets", 65_536, true],
  ["octets", 150_000, true],
];

const fastify = {
  faults: ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "oh", "later"],
  answers: fastifyAnswers,
  extensions: "permessage-deflate",
  tooLong: { ...nothing, code: 1009 },
  early: { messages: ["one", "two"], code: 4000, reason: "done" },
  first: ["the server speaks first", 1005],
  endings: {
    "close/1000": { messages: [], code: 1000, reason: "満員" },
    "close/4001": closedByServer,
    throw: { messages: [], code: 1011, reason: "handler failed" },
    reject: { messages: [], code: 1011, reason: "handler failed" },
    http: { ...nothing, code: 1005 },
    nowhere: { ...refusal, httpStatus: 404 },
  },
  refused: { ...refusal, httpStatus: 401 },
  plain: "plain",
  notUpgraded: 404,
  injected: fastifyAnswers,
  injectedState: [1, 1],
  injectedEnding: { messages: [], code: 4002, reason: "enough" },
  injectedAtServer: [4002, "enough"],
  injectedFirst: ["open", "the server speaks first"],
  injectedRefused: "Unexpected server response: 401",
  closed: { ...nothing, code: 1005 },
};

/** Text and octets of several lengths, sent back. */
const answers = (second: number) => [
  [false, 0, true],
  [false, second, true],
  [false, 75_121, true],
  [true, 0, true],
  [true, 126, true],
  [true, 65_536, true],
];

const websocketExpress = {
  greeting: "hello 満員",
  answers: answers(5),
  count: 1,
  clientEnding: done,
  atServer: [4000, "done"],
  closedByServer,
  nowhere: { ...refusal, httpStatus: 404 },
  refused: { ...refusal, httpStatus: 403 },
  plain: "plain",
};

// It has accepted before any route is asked: a refusal is a Close.
const turnedAway = { ...nothing, code: 1005 };
const expressWs = { ...websocketExpress, nowhere: turnedAway, refused: turnedAway };

const isomorphicWs = {
  isOne: true,
  names: ["CLOSED", "CLOSING", "CONNECTING", "OPEN"].concat(
    ["PerMessageDeflate", "Receiver", "Sender", "Server", "WebSocket", "WebSocketServer"],
    ["createWebSocketStream", "extension", "subprotocol"],
  ),
  path: ["/path?query"],
  // The stream knows only octets, whatever came.
  echoed: [
    [true, true, true],
    [true, true, true],
  ],
  ending: { ...nothing, code: 1000 },
};

const hono = {
  events: ["one open 1", "one close 4000 done", "raw open 1", "raw close 1000 "],
  greeting: "hello one",
  answers: answers(12),
  count: 1,
  ending: done,
  refused: { ...refusal, httpStatus: 401 },
  notThere: { ...refusal, httpStatus: 200 },
  plain: "plain",
  // "hello raw", "A", "BC", and the Close with 1000.
  early: ["101", "810968656c6c6f2072617781014181024243880203e8"],
};

const reconnectingWebSocket = {
  closes: [
    [1006, ""],
    [4000, "again"],
    [1012, ""],
    [1000, "done"],
  ],
  received: [["round 0"], ["round 1"], ["round 2"], ["last"]],
  answer: ["Blob", "last"],
  atServer: [1000, "done"],
};

const mqtt = {
  protocols: ["mqtt", "mqtt", "mqtt"],
  answers: [
    ["a/zero", 6, 0],
    ["a/one", 1000, 1],
    ["a/two", 0, 2],
    ["a/long", 321_951, 1],
  ],
  long: true,
  inOrder: true,
  kept: [["kept", "still here", true]],
  will: [["will", "gone"]],
  refused: "Connection refused: Not authorized",
};

const trpc = {
  query: "hello 満員",
  atOnce: Array.from({ length: 50 }, (_, index) => `hello ${index}`),
  long: true,
  fault: ["FORBIDDEN", "not you"],
  counted: [1, 2, 3, 4, 5],
  again: "hello again",
  atServer: [1005, 1005],
};

const undici = {
  encrypted: false,
  connections: Array(5).fill([false, "none", "/chat"]),
  agreed: ["b", "permessage-deflate"],
  echoed: [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000].flatMap((length) => [
    ["string", length, true],
    ["object", length, true],
  ]),
  pieces: "in three pieces",
  inOrder: true,
  closed: [4000, "done", true],
  close: [4001, "満員", true],
  drop: [1006, "", false],
  refused: [1006, 3],
  endings: [
    [4000, "done"],
    [4001, ""],
    [1006, ""],
    [1001, ""],
  ],
  plain: "plain",
  isListening: true,
};

type Expected = Readonly<Record<string, unknown>>;

export const expected: Readonly<
  Record<
    | "socketIo"
    | "graphqlWs"
    | "fastify"
    | "expressWs"
    | "websocketExpress"
    | "isomorphicWs"
    | "hono"
    | "reconnectingWebSocket"
    | "mqtt"
    | "trpc"
    | "undici",
    Expected
  >
> = {
  socketIo,
  graphqlWs,
  fastify,
  expressWs,
  websocketExpress,
  isomorphicWs,
  hono,
  reconnectingWebSocket,
  mqtt,
  trpc,
  undici,
};
