// Tests that fail on Deno 2.9 or Bun 1.4, by their titles, in every suite of the file, and why. Servers that are
// listened with are wsimd/deno's and wsimd/bun's; attach, handleUpgrade, clients and wsimd/ws are wsimd/node's, on what the two make of
// node:net, node:http and node:tls.

export const denoAndBun = ["deno", "bun"];

const writesLater =
  "their sockets hand to the kernel in a later turn what Node's do at once: what ends a socket in this turn comes first";

const signalAsEnd =
  "to the test, its node:child_process tells the signal that was sent as how a process ended, whatever it ended with";

export const knownOnBoth = [
  {
    file: "node/client/life.test.js",
    tests: ["a silent server is sent a ping at half of idleTimeoutMs, 1001 at its end, and is dropped then (§7.4.1)"],
    reason: writesLater,
  },
  {
    file: "node/client/process.test.js",
    tests: ["what was sent before process.exit leaves, in order"],
    reason: writesLater,
  },
  {
    file: "node/whatwg/delivery.test.js",
    tests: ["a batch over TLS is heard whole"],
    reason: "the test agrees on a cipher with a shared key (RFC 4279), which their TLS does not have",
  },
  {
    file: "ws/hostile.test.js",
    tests: [
      "what was sent goes before what the application does with the socket itself",
      "callbacks come in the order of what was sent, also of what was sent too late",
    ],
    endsBadly: true,
    reason: writesLater,
  },
  {
    file: "ws/messages.test.js",
    tests: ["a client's masking keys are its own, or those it is given (client ours, data)"],
    endsBadly: true,
    reason:
      "the server is ws, which gets a key for each write where their sockets make more of them, and waits for the last",
  },
];

export const knownOnDeno = [
  {
    file: "node/server.test.js",
    tests: ["inside", "outside"].map((where) => `send(); process.exit() ${where} a handler loses nothing`),
    reason: "a write of Deno's is under way when it is called, and process.exit waits for none",
  },
  {
    file: "node/client/ways.test.js",
    tests: ["direct", "agent"].map((way) => `socketPath leads to TLS for wss, and the URL's name is verified / ${way}`),
    reason:
      "a client that refuses a certificate has ended its handshake first: to the test's server it is one that asks nothing",
  },
  {
    file: "node/attach/ways.test.js",
    tests: ["a paused socket stops its peer, and loses nothing"],
    reason: "a TLS socket of theirs goes on reading from the kernel while it is paused",
  },
  {
    file: "node/client/inspected.test.js",
    tests: ["a socket is shown by its state, a WebSocket by its attributes, an event by what it tells"],
    reason: "console.log writes an object otherwise than Node's",
  },
  {
    file: "node/client/redirected-tls.test.js",
    tests: [
      "cert and key, directly",
      "cert and key, through an agent",
      "a secure context, directly",
      "a secure context, through an agent",
    ].map((way) => `another host is shown no certificate and no server name, the same host both / ${way}`),
    reason: "servername is null where Node says false, if the client named none",
  },
  {
    file: "node/client/tls.test.js",
    tests: ["the server's name is sent, an address is not (RFC 6066 §3)"],
    reason: "servername is null where Node says false, if the client named none",
  },
  {
    file: "node/connect-command.test.js",
    tests: ["Ctrl+C closes with 1000", "--wait keeps the connection open for answers that come after the input's end"],
    reason: signalAsEnd,
  },
  {
    file: "node/echo-command.test.js",
    tests: [
      "SIGINT sends every connection 1001 and ends with exit code 0 (§7.4.1)",
      "SIGTERM sends every connection 1001 and ends with exit code 0 (§7.4.1)",
      "an address that is not this machine's: one clear line and exit code 1",
    ],
    reason: `${signalAsEnd}; and the error of listen has another code`,
  },
  {
    file: "ws/hostile.test.js",
    tests: ["one event a turn", "a listener that throws"].map(
      (what) => `${what}: a peer that is faster is not read from, and its messages arrive`,
    ),
    reason: "counted in turns that end with setImmediate: ours end with a timer there",
  },
  {
    file: "ws/exported.test.js",
    tests: ["PerMessageDeflate with data that is none, or too much (server ours, data)"],
    reason: "ws itself tells no error there: Deno's zlib calls back with octets",
  },
  {
    file: "ws/events.test.js",
    tests: ["server ours", "client ours", "both ours"].map(
      (who) => `a listener of 'close' that throws ends the process (${who}, data)`,
    ),
    reason:
      "after an exception that process.on('uncaughtException') hears, the scenario waits for ever, ours on one side or on both",
  },
  {
    file: "ws/server.test.js",
    tests: ["what a listener of 'connection' throws is the application's (server ours, data)"],
    reason:
      "after an exception that process.on('uncaughtException') hears, the scenario waits for ever, ours on one side or on both",
  },
  {
    file: "hostile/handshake-answers.test.js",
    tests: ["an answer of one octet now and then buys no time"],
    reason: "a socket that is destroyed with input unread resets the connection, where Node's sends a FIN",
  },
];

export const knownOnBun = [
  {
    file: "node/client/ways.test.js",
    tests: [],
    endsBadly: true,
    reason: "the path of a Unix socket is connected to again after the test has removed it: an error that nobody hears",
  },
  {
    file: "node/attach/routing.test.js",
    tests: ["a path is compared whole, without the query; an array has several; the first that claims one has it"],
    reason: "node:http answers 400 to a request for *",
  },
  {
    file: "ws/closing.test.js",
    tests: ["client ours", "both ours"].map((who) => `close() with a code or reason that cannot be (${who}, data)`),
    reason: "a TypeError of JavaScriptCore tells the expression, which is not the same in ws",
  },
  {
    file: "ws/server.test.js",
    tests: [
      ...["server ours", "client ours", "both ours"].map(
        (who) => `an HTTP server goes on answering requests, and shares its events (${who}, data)`,
      ),
      "port 0 is a free port, told by address(); the callback is a listener of 'listening' (server ours, data)",
    ],
    reason:
      "node:http tells an upgrade to listeners of 'request' too; a server has its port before it listens, another each time",
  },
];
