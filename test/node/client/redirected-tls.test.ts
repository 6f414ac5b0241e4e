// Redirections and TLS: a certificate, its key and a server name are one host's; whom to trust is said of all.

import { Agent } from "node:https";
import { createSecureContext, type TLSSocket } from "node:tls";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect } from "../../../bindings/node/index.ts";
import { cert, key } from "../../support/certificate.ts";
import { headOf, type RawAccepted, refusal, withPath, withRawServer } from "./support.ts";

const test = suite("client redirects / TLS");

/** A server that asks for a certificate and takes any. */
const tls = { key, cert, requestCert: true, rejectUnauthorized: false } as const;

/** What a client showed of itself. */
function shownBy({ socket }: RawAccepted): string {
  const { servername } = socket as TLSSocket & { readonly servername?: unknown };
  const hasCertificate = "subject" in (socket as TLSSocket).getPeerCertificate();
  return `${hasCertificate ? "a certificate" : "none"}, ${servername}`;
}

async function redirectTo(peer: RawAccepted, location: string): Promise<void> {
  await peer.request();
  peer.send(headOf("HTTP/1.1 302 Elsewhere", "Content-Length: 0", `Location: ${location}`));
}

const identities = {
  "cert and key": { ca: cert, cert, key, servername: "localhost" },
  "a secure context": {
    ca: cert,
    secureContext: createSecureContext({ ca: cert, cert, key }),
    servername: "localhost",
  },
} as const;

const cases = Object.entries(identities).flatMap(([what, identity]) => [
  { what: `${what}, directly`, identity, agent: undefined },
  { what: `${what}, through an agent`, identity, agent: new Agent({ keepAlive: false }) },
]);

for (const { what, identity, agent } of cases) {
  test(`another host is shown no certificate and no server name, the same host both / ${what}`, async () => {
    const shownThere: string[] = [];
    await withRawServer(
      async (peer) => {
        await peer.accept();
        shownThere.push(shownBy(peer));
      },
      async (other) => {
        let here = "";
        const shown: string[] = [];
        const lead = [() => `${here}/again`, () => `${other.url}/`];
        await withRawServer(
          async (peer, index) => {
            await peer.request();
            shown.push(shownBy(peer));
            await redirectTo(peer, lead[index]!());
          },
          async ({ url }) => {
            here = url;
            const socket = await connect(url, { maxRedirects: 2, tls: identity, agent });
            assert.equal(shown, ["a certificate, localhost", "a certificate, localhost"]);
            assert.equal(shownThere, ["none, false"]);
            socket.terminate();
          },
          { tls },
        );
      },
      { tls },
    );
  });
}

test("with a socketPath no redirection leads to another host", async () => {
  await withPath(async (path) => {
    for (const [location, why, count] of [
      ["/again", /after maxRedirects, 1$/, 2],
      ["ws://elsewhere.example/", /which the socketPath does not lead to$/, 1],
    ] as const) {
      await withRawServer(
        (peer) => redirectTo(peer, location),
        async ({ peers }) => {
          const error = await refusal(connect("ws://named.example/", { socketPath: path, maxRedirects: 1 }));
          assert.is(error.code, "WS_HANDSHAKE_REDIRECT");
          assert.match(error.message, why);
          assert.is(peers.length, count);
        },
        { path },
      );
    }
  });
});

test.run();
