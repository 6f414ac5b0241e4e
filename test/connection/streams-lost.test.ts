// Messages in parts whose connection ends before they do: nobody's process ends with it, nobody waits for ever, and whoever passes
// a message on loses that connection alone.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import type { MessageStream } from "../../bindings/connection/message-stream.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { closeEvent, type Endpoint, endpoint, FakeTransport, goneOn, settled, uncaughtIn } from "./support.ts";

const KIB = 1024;

/** How a connection may end in the middle of a message. */
const ends: readonly (readonly [string, (connection: Connection, peer: Peer) => void])[] = [
  ["lost", (connection) => connection.transportClosed(new Error("reset"))],
  ["ended", (connection) => connection.receiveEnd()],
  ["closed by the peer", (connection, peer) => connection.receive(peer.close(1000))],
  ["failed", (connection, peer) => connection.receive(peer.text("new"))],
];

for (const tested of kernels) {
  const test = builtOnKernel("streams that are lost", tested);

  for (const [how, end] of ends) {
    test(`a loop that nobody watches is no uncaught exception where its connection is ${how}`, async () => {
      const peer = new Peer("server");
      let began = 0;
      const handlers = {
        async stream(_: Connection, message: MessageStream) {
          began++;
          for await (const _part of message);
        },
      };
      const connection = new Connection({ role: "server", handlers, transport: new FakeTransport() });
      const uncaught = await uncaughtIn(() => {
        connection.receive(peer.text("part", false));
        end(connection, peer);
      });
      assert.equal([began, uncaught], [1, []]);
    });

    test(`nor is a message that is passed on where its source is ${how}: the other end fails with 1011`, async () => {
      const peer = new Peer("server");
      const onward = endpoint();
      const handlers = { stream: (_: Connection, message: MessageStream) => onward.connection.sendStream(message) };
      const source = new Connection({ role: "server", handlers, transport: new FakeTransport() });
      source.receive(peer.binary(filled(10, 1), false));
      await goneOn(onward);
      const uncaught = await uncaughtIn(() => end(source, peer));
      await goneOn(onward);
      assert.equal(uncaught, []);
      assert.equal(onward.sent(), [closeEvent(1011)]);
    });
  }

  test("a loop that waits learns of the loss in its turn; until then nothing is sent, and time passes", async () => {
    let goOn = (): void => {};
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    const lengths: number[] = [];
    const end = endpoint(
      { closeTimeoutMs: 1000 },
      {
        async stream(_, message) {
          await mayGoOn;
          let length = 0;
          for await (const part of message) length += part.length;
          lengths.push(length);
        },
      },
    );
    const { connection, peer, clock } = end;
    end.receive(peer.binary(filled(300 * KIB, 1)), peer.text("next"));
    await goneOn(end);
    connection.transportClosed();
    assert.is(connection.readyState, 2);
    assert.is(connection.send("never"), false);
    assert.is(connection.nextDeadlineMs, clock.ms + 1000);
    goOn();
    await goneOn(end);
    assert.equal(lengths, [300 * KIB, 4]);
    assert.equal(end.events, ["close 1006"]);
    assert.is(heldOctets(), 0);
  });

  test("one that never goes on is dropped after the closing timeout", async () => {
    const end = endpoint({ closeTimeoutMs: 1000 }, { stream: () => new Promise(() => {}) });
    end.receive(end.peer.binary(filled(300 * KIB, 1)));
    await goneOn(end);
    end.connection.transportClosed();
    end.connection.tick(end.clock.ms + 1001);
    assert.equal(end.events, ["close 1006"]);
    assert.is(heldOctets(), 0);
  });

  test("an echo whose peer is gone with its output unread ends", async () => {
    const results: unknown[] = [];
    const end = endpoint(
      {},
      {
        stream: (connection, message) =>
          connection.sendStream(message).then(
            (isSent) => results.push(isSent),
            () => results.push("rejected"),
          ),
      },
    );
    end.transport.takes = false;
    end.receive(end.peer.binary(filled(900 * KIB, 1), false));
    await goneOn(end);
    end.connection.transportClosed();
    await goneOn(end);
    assert.equal(results, [false]);
    assert.equal(end.events, ["close 1006"]);
    assert.is(heldOctets(), 0);
  });

  test("a loop that was over says no more about the next one", async () => {
    const log: string[] = [];
    let former: AsyncIterator<unknown> | undefined;
    const end = endpoint(
      {},
      {
        ping: () => void log.push("ping"),
        async stream(_, message) {
          const loop = message[Symbol.asyncIterator]();
          await loop.next();
          log.push("begun");
          await former?.return?.();
          await settled();
          await settled();
          log.push("ended");
          await loop.next();
          former = loop;
        },
      },
    );
    const { peer } = end;
    end.receive(concat(peer.text("1"), peer.text("2"), peer.ping(), peer.text("3")));
    await goneOn(end);
    assert.equal(log, ["begun", "ended", "begun", "ended", "ping", "begun", "ended"]);
  });

  test("a message that there is no room for is given to no handler", async () => {
    let count = 0;
    const end: Endpoint = endpoint({ maxProcessBuffered: 1000 }, { stream: () => void count++ });
    end.receive(end.peer.binary(filled(100 * KIB, 1), false));
    await goneOn(end);
    assert.equal([count, end.events], [0, ["error WS_PROCESS_BUFFERED"]]);
    end.receive(hex(""));
  });

  test.run();
}
