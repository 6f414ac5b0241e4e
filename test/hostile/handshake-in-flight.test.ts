// A connection that fails, or a request that is refused, while megabytes more are on their way to us: to close a socket with
// unread octets is to reset it, and the peer would never read why. RFC 6455 §7.1.1, §7.1.7.

import { once } from "node:events";
import type { Socket as NetSocket } from "node:net";
import * as assert from "uvu/assert";
import { closeCodeOf, kernelNames, RawClient, until, withServer } from "../node/support.ts";
import { filled, hex } from "../support/octets.ts";
import { ws } from "../support/ws.ts";
import { hostileServerSuite } from "./on-kernels.ts";
import { ending } from "./peers.ts";

const MANY = 4 * 2 ** 20;
const ROUNDS = 20;
const reserved = hex("83 80 00 00 00 00"); // opcode 3, masked, no payload: 1002

for (const kernel of kernelNames) {
  const test = hostileServerSuite("failing with 4 MiB in flight", kernel);

  test(
    "a raw peer receives the Close and FIN, never a reset, 20 of 20 times",
    ending(() =>
      withServer(
        {},
        async ({ port }) => {
          for (let round = 0; round < ROUNDS; round++) {
            const client = await RawClient.open(port);
            client.socket.write(reserved);
            client.socket.write(filled(MANY, 0x55));
            client.socket.end();
            await client.closed();
            assert.is(client.error, null, `round ${round}`);
            assert.equal(client.frames.map(closeCodeOf), [1002], `round ${round}`);
          }
        },
        kernel,
      ),
    ),
  );

  test(
    "ws's client is told 1002, 20 of 20 times",
    ending(() =>
      withServer(
        {},
        async ({ port, server }) => {
          for (let round = 0; round < ROUNDS; round++) {
            const client = new ws.WebSocket(`ws://127.0.0.1:${port}`);
            const errors: unknown[] = [];
            client.on("error", (error) => errors.push(error));
            await once(client, "open");
            const { _socket: socket } = client as unknown as { readonly _socket: NetSocket };
            socket.write(reserved);
            client.send(Buffer.alloc(MANY, 0x55));
            const [code] = await once(client, "close");
            assert.equal([code, errors], [1002, []], `round ${round}`);
          }
          await until(() => server.sockets.size === 0);
        },
        kernel,
      ),
    ),
  );

  test(
    "a peer whose message is too long is told 1009 though it sends all of it",
    ending(() =>
      withServer(
        { maxMessageLength: 1000 },
        async ({ port }) => {
          for (let round = 0; round < ROUNDS; round++) {
            const client = new ws.WebSocket(`ws://127.0.0.1:${port}`);
            await once(client, "open");
            client.send(Buffer.alloc(MANY));
            const [code] = await once(client, "close");
            assert.is(code, 1009, `round ${round}`);
          }
        },
        kernel,
      ),
    ),
  );

  test.run();
}

{
  const test = hostileServerSuite("refusing with 4 MiB in flight");

  test(
    "a peer that sends on and on receives the whole refusal and FIN, never a reset, 20 of 20 times",
    ending(() =>
      withServer({}, async ({ port }) => {
        for (let round = 0; round < ROUNDS; round++) {
          const client = new RawClient(port);
          client.send("GET / HTTP/1.1\r\nHost: a\r\nFiller: ", filled(MANY, 0x61));
          client.socket.end();
          const { httpStatus, head, body } = await client.answer();
          assert.is(httpStatus, 431, `round ${round}`);
          assert.match(head, new RegExp(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`));
          await client.closed();
          assert.is(client.error, null, `round ${round}`);
        }
      }),
    ),
  );

  test.run();
}
