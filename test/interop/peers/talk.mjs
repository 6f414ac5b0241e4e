// Talks with the server at the URL given through the platform's WebSocket class: Bun's, Deno's, or the one that talk.ws.mjs
// puts in its place. Prints "ok STEP" or "differs STEP: how" for each step; see ../programs.ts for what each path does.

const texts = [
  "",
  "Hello",
  "Grüße aus Köln",
  "Привет",
  "你好，世界",
  "שלום",
  "👋🏽 𝒜 𠜎",
  "a \ufeff b",
  "é".repeat(2 ** 19),
];
const lengths = [0, 1, 125, 126, 65_535, 65_536, 2 ** 22];
const MESSAGE_COUNT = 1000;

/** A connection, and what has arrived on it. */
class Client {
  #messages = [];
  #wake = () => {};
  #end = null;

  constructor(url, protocols = []) {
    this.socket = new WebSocket(url, protocols);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => {
      this.#messages.push(data);
      this.#wake();
    };
    this.opened = new Promise((resolve, reject) => {
      this.socket.onopen = resolve;
      this.socket.onerror = ({ message }) => reject(new Error(`not opened: ${message}`));
    });
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason, wasClean }) => {
        this.#end = { code, reason, wasClean };
        this.#wake();
        resolve(this.#end);
      };
    });
    this.opened.catch(() => {});
  }

  static async open(path, protocols) {
    const client = new Client(base + path, protocols);
    await client.opened;
    return client;
  }

  async next() {
    while (this.#messages.length === 0) {
      if (this.#end !== null) throw new Error(`closed with ${JSON.stringify(this.#end)}`);
      await new Promise((resolve) => (this.#wake = resolve));
    }
    return this.#messages.shift();
  }

  async end() {
    this.socket.close(1000);
    await this.closed;
  }
}

/** Octets that depend on their place. */
function octets(length) {
  return new Uint8Array(length).map((_, index) => index * 7 + (index >> 8));
}

function same(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: ${shown(actual)} in place of ${shown(expected)}`);
}

const shown = (value) => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}… (${text.length})` : text;
};

const steps = {
  async text() {
    const client = await Client.open("/");
    for (const text of texts) {
      client.socket.send(text);
      same(await client.next(), text, "text");
    }
    await client.end();
  },

  async binary() {
    const client = await Client.open("/");
    for (const length of lengths) {
      const sent = octets(length);
      client.socket.send(sent);
      const received = new Uint8Array(await client.next());
      same(received.length, length, "octets");
      const wrong = received.findIndex((octet, index) => octet !== sent[index]);
      same(wrong, -1, `the first octet of ${length} that differs`);
    }
    await client.end();
  },

  async many() {
    const client = await Client.open("/");
    for (let index = 0; index < MESSAGE_COUNT; index++) client.socket.send(`message ${index}`);
    for (let index = 0; index < MESSAGE_COUNT; index++) same(await client.next(), `message ${index}`, "message");
    await client.end();
  },

  async extensions() {
    const client = await Client.open("/");
    same(client.socket.extensions, "", "extensions");
    await client.end();
  },

  async "a subprotocol"() {
    const client = await Client.open("/", ["a", "b.v2"]);
    same(client.socket.protocol, "b.v2", "protocol");
    await client.end();
  },

  async "no subprotocol"() {
    const client = await Client.open("/");
    same(client.socket.protocol, "", "protocol");
    await client.end();
  },

  async "the server pings"() {
    const client = await Client.open("/ping");
    same(await client.next(), "answered: there?", "what the server says of the pong");
    await client.end();
  },

  async "the client closes"() {
    const client = await Client.open("/");
    client.socket.close(4321, "bis bald 👋");
    const { code, wasClean } = await client.closed;
    same(code, 4321, "code");
    same(wasClean, true, "wasClean");
  },

  async "the server closes"() {
    const client = await Client.open("/close");
    const { code, reason, wasClean } = await client.closed;
    same(code, 4001, "code");
    same(reason, "voll: 満員", "reason");
    same(wasClean, true, "wasClean");
  },

  async "the server drops the connection"() {
    const client = await Client.open("/drop");
    client.socket.send("drop me");
    const { code, wasClean } = await client.closed;
    same(code, globalThis.Deno ? 0 : 1006, "code"); // Deno leaves it out
    same(wasClean, false, "wasClean");
  },
};

// Bun's class and that of ws send pings; the standard's does not.
if (typeof WebSocket.prototype.ping === "function") {
  steps["the client pings"] = async () => {
    const client = await Client.open("/");
    const pong = new Promise((resolve) => {
      if (client.socket.once) client.socket.once("pong", resolve);
      else client.socket.addEventListener("pong", ({ data }) => resolve(data));
    });
    client.socket.ping("still there?");
    same(new TextDecoder().decode(await pong), "still there?", "pong");
    await client.end();
  };
}

const [base] = globalThis.Deno?.args ?? process.argv.slice(-1);
for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`differs ${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
