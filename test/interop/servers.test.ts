// Our clients in conversation with servers that others wrote: Bun's, Deno's, Python's websockets, ws.

import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../support/octets.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { type Approach, type Client, clients, type OpenClient } from "./clients.ts";
import { type EchoServer, type Peer, peerSuite, peers, startEcho } from "./programs.ts";

const texts = ["", "Hello", "Grüße aus Köln", "Привет", "你好，世界", "שלום", "👋🏽 𝒜 𠜎", "a \ufeff b"];
const lengths = [0, 1, 125, 126, 65_535, 65_536, 2 ** 22];
const MESSAGE_COUNT = 1000;

/** Opens a connection for as long as `use` takes, and closes it. */
async function withClient(
  open: OpenClient,
  url: string,
  approach: Approach,
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const client = await open(url, approach);
  try {
    await use(client);
  } finally {
    client.close(1000);
  }
  assert.is((await client.closed).code, 1000);
}

/** What a connection is refused with. */
async function refusalOf(opening: Promise<Client>): Promise<{ readonly name: string; readonly code: string }> {
  const opened = await opening.catch((error) => error);
  assert.instance(opened, Error, "the connection is open");
  return opened;
}

async function binaryComesBack(client: Client, length: number): Promise<void> {
  const sent = new Random(length).octets(length);
  client.send(sent);
  const received = await client.next();
  assert.instance(received, Uint8Array);
  assert.is(received.length, length);
  assert.is(Buffer.compare(received as Uint8Array, sent), 0, "the octets differ");
}

async function textComesBack(client: Client, text: string): Promise<void> {
  client.send(text);
  const received = await client.next();
  assert.ok(received === text, `${text.slice(0, 20)} came back as ${String(received).slice(0, 20)}`);
}

/** What each of our clients does with one peer's server. */
function converse(test: Test, peer: Peer): void {
  let certificate: Certificate;
  let plain: EchoServer;
  let secure: EchoServer;

  test.before(async () => {
    try {
      certificate = makeCertificate();
      plain = await startEcho(peer);
      secure = await startEcho(peer, certificate.paths);
    } catch (error) {
      console.error(error); // uvu tells nothing of a hook that throws
      throw error;
    }
  });

  test.after(async () => {
    for (const server of [plain, secure]) await server?.program.stop("SIGKILL");
    certificate?.remove();
  });

  for (const [name, open] of Object.entries(clients)) {
    test(`${name}: text in several scripts comes back as it was (§5.6)`, async () => {
      await withClient(open, plain.url, {}, async (client) => {
        for (const text of texts) await textComesBack(client, text);
      });
    });

    test(`${name}: 1 MiB of text comes back as it was`, async () => {
      await withClient(open, plain.url, {}, (client) => textComesBack(client, "é".repeat(2 ** 19)));
    });

    for (const length of lengths) {
      test(`${name}: a binary message of ${length} octets comes back as it was (§5.2)`, async () => {
        await withClient(open, plain.url, {}, (client) => binaryComesBack(client, length));
      });
    }

    test(`${name}: ${MESSAGE_COUNT} messages sent at once come back in order`, async () => {
      await withClient(open, plain.url, {}, async (client) => {
        for (let index = 0; index < MESSAGE_COUNT; index++) client.send(`message ${index}`);
        for (let index = 0; index < MESSAGE_COUNT; index++) assert.is(await client.next(), `message ${index}`);
      });
    });

    test(`${name}: over TLS messages come back as they were`, async () => {
      await withClient(open, secure.url, { ca: certificate.pem }, async (client) => {
        for (const text of texts) await textComesBack(client, text);
        for (const length of lengths) await binaryComesBack(client, length);
      });
    });

    test(`${name}: over TLS a certificate that nobody vouches for is refused`, async () => {
      assert.is((await refusalOf(open(secure.url))).code, "DEPTH_ZERO_SELF_SIGNED_CERT");
    });

    test(`${name}: no extension is offered, and none agreed (§9.1)`, async () => {
      await withClient(open, `${plain.url}/offer`, {}, async (client) => {
        assert.is(await client.next(), "none");
        assert.is(client.extensionCount, 0);
      });
    });

    test(`${name}: the subprotocol that the server knows is agreed (§1.9)`, async () => {
      await withClient(open, plain.url, { protocols: ["a", "b.v2", "c"] }, async ({ protocol }) => {
        assert.is(protocol, "b.v2");
      });
    });

    test(`${name}: no subprotocol is agreed where none is asked for`, async () => {
      await withClient(open, plain.url, {}, async ({ protocol }) => assert.is(protocol, ""));
    });

    if (name === "WebSocket") {
      test(`${name}: a server that agrees to none of the subprotocols is refused (WebSockets Standard §2)`, async () => {
        assert.is((await refusalOf(open(plain.url, { protocols: ["a", "c"] }))).name, "HandshakeError");
      });
    } else {
      test(`${name}: a server may agree to none of the subprotocols (§4.1)`, async () => {
        await withClient(open, plain.url, { protocols: ["a", "c"] }, async ({ protocol }) => assert.is(protocol, ""));
      });

      test(`${name}: a ping is answered by the server (§5.5.3)`, async () => {
        await withClient(open, plain.url, {}, async ({ control }) => {
          control!.ping("still there?");
          assert.is(await control!.nextPong(), "still there?");
        });
      });

      test(`${name}: the server's ping is told (§5.5.2)`, async () => {
        await withClient(open, `${plain.url}/ping`, {}, async ({ control }) => {
          // Deno pings again only if the first was answered; it says nothing in its pings.
          for (const said of peer.serverPings ? ["there?"] : ["", ""]) assert.is(await control!.nextPing(), said);
        });
      });
    }

    if (peer.serverPings) {
      test(`${name}: the server is told the answer to its ping (§5.5.3)`, async () => {
        await withClient(open, `${plain.url}/ping`, {}, async (client) => {
          assert.is(await client.next(), "answered: there?");
        });
      });
    }

    test(`${name}: it closes: the server is told code and reason, and repeats the code (§7.1.5, §7.1.6)`, async () => {
      const client = await open(plain.url);
      const reason = `bis bald 👋 ${name}`;
      client.close(4321, reason);
      assert.is((await client.closed).code, 4321);
      await plain.program.line(new RegExp(`^closed 4321 ${reason}$`, "m"));
    });

    test(`${name}: it closes after 1 MiB: the server has that first`, async () => {
      const client = await open(plain.url);
      client.send(new Uint8Array(2 ** 20));
      const reason = `after much, ${name}`;
      client.close(1000, reason);
      assert.is((await client.closed).code, 1000);
      await plain.program.line(new RegExp(`^closed 1000 ${reason}$`, "m"));
    });

    test(`${name}: the server closes: it is told code and reason (§7.1.5)`, async () => {
      const client = await open(`${plain.url}/close`);
      assert.equal(await client.closed, { code: 4001, reason: "voll: 満員" });
    });
  }

  test("the server's process is killed: every client is told 1006 (§7.1.5)", async () => {
    const opened = await Promise.all(Object.values(clients).map((open) => open(plain.url)));
    await plain.program.stop("SIGKILL");
    for (const { closed } of opened) assert.equal(await closed, { code: 1006, reason: "" });
  });
}

for (const peer of peers) {
  const test = peerSuite("our clients with", peer, converse);
  test.run();
}
