// Handshakes of TLS that do not end.

import { once } from "node:events";
import { suite } from "uvu";
import { Clock } from "../../../bindings/node/index.ts";
import { createServer } from "../../support/adapter.ts";
import { cert, key } from "../../support/certificate.ts";
import { unreadyCountOf } from "../internals.ts";
import { FakeTimers, RawClient, turns, until } from "../support.ts";

const test = suite("listen / TLS / slow handshakes");

test("handshakes of TLS that do not end are dropped at handshakeTimeoutMs; no octet buys time", async () => {
  const timers = new FakeTimers();
  const server = createServer({ clock: new Clock(timers), handshakeTimeoutMs: 1000 });
  const { port } = await server.listen({ port: 0, host: "127.0.0.1", tls: { key, cert } });
  const silent = new RawClient(port);
  const slow = new RawClient(port);
  await Promise.all([once(silent.socket, "connect"), once(slow.socket, "connect")]);
  await until(() => unreadyCountOf(server) === 2);
  timers.advance(600);
  slow.send(Uint8Array.of(0x16, 0x03, 0x01));
  await turns();
  timers.advance(600);
  await Promise.all([silent.ended(), slow.ended()].map((end) => end.catch(() => {})));
  silent.destroy();
  slow.destroy();
  await server.close();
});

test.run();
