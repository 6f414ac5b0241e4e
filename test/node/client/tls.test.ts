// wss: the server is verified before it is asked anything, and what follows is the same as over plain TCP.

import { type AddressInfo, connect as connectNet, createServer } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect, type ServerOptions } from "../../../bindings/node/index.ts";
import { sameOctets } from "../../support/assertions.ts";
import { cert, key } from "../../support/certificate.ts";
import { Random } from "../../support/octets.ts";
import { deferred, kernelNames, turns, withServer } from "../support.ts";
import { acceptAll, connectOn, fieldOf, headOf, refusal, serverClose, withRawServer } from "./support.ts";

const test = suite("client tls");
const ca = cert;

/** A wsimd server behind one that ends TLS. */
async function withTlsServer(options: ServerOptions, use: (url: string) => Promise<void>): Promise<void> {
  await withServer(options, async ({ port }) => {
    const front = createTlsServer({ key, cert }, (outside) => {
      const inside = connectNet({ port, host: "127.0.0.1", allowHalfOpen: true });
      outside.on("error", () => inside.destroy()).pipe(inside);
      inside.on("error", () => outside.destroy()).pipe(outside);
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
    try {
      await use(`wss://127.0.0.1:${(front.address() as AddressInfo).port}`);
    } finally {
      await new Promise((resolve) => front.close(resolve));
    }
  });
}

test("a server whose certificate is trusted is asked, in HTTP/1.1 (§4.1 item 5)", async () => {
  await withRawServer(
    acceptAll,
    async ({ url, port, peer }) => {
      const socket = await connect(url, { tls: { ca } });
      assert.is(fieldOf(await (await peer()).request(), "host"), `127.0.0.1:${port}`);
      assert.is(((await peer()).socket as TLSSocket).alpnProtocol, "http/1.1");
      socket.terminate();
      const byHttps = await connect(url.replace("wss:", "https:"), { tls: { ca } });
      byHttps.terminate();
    },
    { tls: { key, cert, ALPNProtocols: ["h2", "http/1.1"] } },
  );
});

test("one that is not trusted, or is another's, is refused before it has seen an octet of the request", async () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    for (const [tls, code] of [
      [{}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
      [{ ca, servername: "example.org" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ] as const) {
      await withRawServer(
        () => {},
        async ({ url, peers }) => {
          assert.is((await refusal(connect(url, { tls }))).code, code);
          await turns(100);
          for (const { received } of peers) assert.is(received.length, 0);
        },
        { tls: { key, cert, maxVersion } },
      );
    }
  }
});

test("tls options pass through: rejectUnauthorized, servername", async () => {
  await withRawServer(
    acceptAll,
    async ({ url, peer }) => {
      const socket = await connect(url, { tls: { rejectUnauthorized: false, servername: "named.example" } });
      assert.is(((await peer()).socket as TLSSocket & { servername: string }).servername, "named.example");
      socket.terminate();
    },
    { tls: { key, cert } },
  );
});

test("the server's name is sent, an address is not (RFC 6066 §3)", async () => {
  for (const [name, expected] of [
    ["localhost", "localhost"],
    ["127.0.0.1", false],
  ] as const) {
    await withRawServer(
      acceptAll,
      async ({ port, peer }) => {
        const socket = await connect(`wss://${name}:${port}`, { tls: { ca } });
        assert.is(((await peer()).socket as TLSSocket & { servername: unknown }).servername, expected);
        socket.terminate();
      },
      { tls: { key, cert } },
    );
  }
});

test("a server that does not speak TLS is refused, and one that answers nothing is left when the time is over", async () => {
  const server = createServer((socket) =>
    socket
      .end("HTTP/1.1 400 Bad Request\r\n\r\n")
      .on("error", () => {})
      .resume(),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const error = await refusal(connect(`wss://127.0.0.1:${port}`, { tls: { ca } }));
  assert.match(error.code!, /^ERR_SSL_|ECONNRESET|EPROTO/);
  await new Promise((resolve) => server.close(resolve));
});

test("tls options that Node refuses reject the promise", async () => {
  const error = await refusal(connect("wss://127.0.0.1:9", { tls: { minVersion: "TLSv9" as "TLSv1.2" } }));
  assert.is(error.code, "ERR_TLS_INVALID_PROTOCOL_VERSION");
});

for (const kernel of kernelNames) {
  test(`4 MiB go each way, and close codes arrive / ${kernel}`, async () => {
    const closedThere = deferred<string>();
    const options: ServerOptions = {
      message: (socket, data) => void socket.send(data),
      close: (_socket, code, reason) => closedThere.resolve(`${code} ${reason}`),
    };
    await withTlsServer(options, async (url) => {
      const payload = new Random(1).octets(4 * 2 ** 20);
      const closedHere = deferred<string>();
      const socket = await connectOn(kernel, url, {
        tls: { ca },
        close: (_socket, code, reason) => closedHere.resolve(`${code} ${reason}`),
      });
      socket.send(payload);
      socket.send("x".repeat(100_000));
      const loop = socket[Symbol.asyncIterator]();
      sameOctets((await loop.next()).value as Uint8Array, payload, () => "the echo");
      assert.is((await loop.next()).value, "x".repeat(100_000));
      socket.close(3001, "done");
      assert.is(await closedThere.promise, "3001 done");
      assert.is(await closedHere.promise, "3001 ");
    });
  });
}

test("a closing handshake that the server begins ends over TLS too (§7.1.1)", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept({}, serverClose(4000, "bye"));
      await peer.frameCount(1);
      peer.socket.end();
    },
    async ({ url }) => {
      const closed = deferred<string>();
      await connect(url, { tls: { ca }, close: (_socket, code, reason) => closed.resolve(`${code} ${reason}`) });
      assert.is(await closed.promise, "4000 bye");
    },
    { tls: { key, cert } },
  );
});

test("a redirection that leaves TLS is refused, one to TLS is followed", async () => {
  await withRawServer(
    (peer) => peer.accept(),
    async (plain) => {
      await withRawServer(
        async (peer, index) => {
          if (index !== 0) return void (await peer.accept());
          await peer.request();
          peer.send(headOf("HTTP/1.1 302 Elsewhere", "Content-Length: 0", `Location: ${plain.url}/`));
        },
        async (secure) => {
          const error = await refusal(connect(secure.url, { tls: { ca }, maxRedirects: 2 }));
          assert.is(`${error.code} ${error.httpStatus}`, "WS_HANDSHAKE_REDIRECT 302");
          assert.is(plain.peers.length, 0);
          await withRawServer(
            async (peer) => {
              await peer.request();
              peer.send(headOf("HTTP/1.1 302 Elsewhere", "Content-Length: 0", `Location: ${secure.url}/`));
            },
            async ({ url }) => {
              const socket = await connect(url, { tls: { ca }, maxRedirects: 1 });
              assert.is(secure.peers.length, 2);
              socket.terminate();
            },
          );
        },
        { tls: { key, cert } },
      );
    },
  );
  await turns();
});

test.run();
