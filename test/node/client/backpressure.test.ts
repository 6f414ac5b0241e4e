// A loop that is slow, or does not run, slows the peer down; nothing is lost, and a closing handshake is completed all the same.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connect, type Socket } from "../../../bindings/node/index.ts";
import { connectionOf } from "../../../bindings/socket/socket.ts";
import { concat, filled } from "../../support/octets.ts";
import { clientFrame, deferred, kernelNames, RawClient, turns, until, withServer } from "../support.ts";
import { acceptAll, connectOn, serverClose, serverFrame, withRawServer } from "./support.ts";

const KIB = 1024;
const MIB = KIB * KIB;
const test = suite("client backpressure");

/** A message that says which one it is. */
function numbered(index: number, length: number): Uint8Array {
  const octets = filled(length, index & 255);
  new DataView(octets.buffer).setUint32(0, index);
  return octets;
}

const numberOf = (message: string | Uint8Array): number => Buffer.from(message as Uint8Array).readUInt32BE();

for (const kernel of kernelNames) {
  test(`64 MiB for a loop that does not run stay with the peer, and all arrive once it runs / ${kernel}`, async () => {
    const opened = deferred<Socket>();
    const options = { maxBufferedAmount: 256 * MIB, open: opened.resolve };
    await withServer(options, async ({ url }) => {
      const socket = await connectOn(kernel, url);
      const server = await opened.promise;
      const count = 1024;
      for (let index = 0; index < count; index++) server.send(numbered(index, 64 * KIB));
      let before = -1;
      while (before !== server.bufferedAmount) {
        before = server.bufferedAmount;
        await turns(200);
      }
      assert.ok(before > 40 * MIB, `${before} octets are with the server, the kernels' buffers have the rest`);
      let index = 0;
      for await (const message of socket) {
        assert.is(numberOf(message), index);
        if (++index === count) break;
      }
      assert.is(server.bufferedAmount, 0);
      socket.terminate();
    });
  });
}

/** Messages enough to pause a connection whose loop does not run, and then some. */
const flood: readonly Uint8Array[] = Array.from({ length: 40 }, (_, index) =>
  serverFrame(2, numbered(index, 64 * KIB)),
);

/** Waits until what is unread has paused a connection. */
const paused = (socket: Socket): Promise<void> => until(() => connectionOf(socket).isPaused);

test("close without a loop completes the closing handshake, although unread messages had paused the connection", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept({}, ...flood);
      await peer.frameCount(1);
      peer.send(serverFrame(1, "late"), serverClose(1000));
      peer.socket.end();
    },
    async ({ url }) => {
      const closed = deferred<number>();
      const socket = await connect(url, { close: (_socket, code) => closed.resolve(code) });
      await paused(socket);
      socket.close(1000);
      assert.is(await closed.promise, 1000);
    },
  );
});

test("close in a loop that is then left completes the closing handshake, too", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept({}, ...flood);
      await peer.frameCount(1);
      peer.send(serverClose(1000));
      peer.socket.end();
    },
    async ({ url }) => {
      const closed = deferred<number>();
      const socket = await connect(url, { close: (_socket, code) => closed.resolve(code) });
      await paused(socket);
      for await (const _message of socket) {
        socket.close(1000);
        break;
      }
      assert.is(await closed.promise, 1000);
    },
  );
});

test("a Close, or a fault, behind unread messages waits for the loop to come to it", async () => {
  await withRawServer(
    async (peer) => {
      await peer.accept({}, ...flood, serverClose(1000));
      await peer.frameCount(1);
      peer.socket.end();
    },
    async ({ url }) => {
      const socket = await connect(url);
      await paused(socket);
      assert.is(socket.readyState, 1, "what is unread comes before the Close");
      let index = 0;
      for await (const message of socket) assert.is(numberOf(message), index++);
      assert.is(index, flood.length);
      assert.is(socket.readyState, 3);
    },
  );
});

test("terminate delivers nothing of what a pause held back", async () => {
  const small = concat(...Array.from({ length: 2000 }, () => concat(serverFrame(1, "x".repeat(50)), serverFrame(9))));
  await withRawServer(
    (peer) => peer.accept({}, ...flood.slice(0, 15), small),
    async ({ url }) => {
      const told: string[] = [];
      const socket = await connect(url, {
        ping: () => told.push("ping"),
        close: (_socket, code) => told.push(`close ${code}`),
      });
      await paused(socket);
      const before = told.length;
      assert.ok(before > 0 && before < 2000, `${before} pings came before the pause`);
      socket.terminate();
      assert.equal(told.slice(before), ["close 1006"]);
    },
  );
});

test("pause and resume of the application overrule a loop", async () => {
  await withRawServer(
    (peer) => peer.accept({}, serverFrame(1, "a")),
    async ({ url, peer }) => {
      const socket = await connect(url);
      const iterator = socket[Symbol.asyncIterator]();
      assert.is((await iterator.next()).value, "a");
      socket.pause();
      (await peer()).send(serverFrame(1, "b"));
      let isThere = false;
      const asked = iterator.next().then((result) => {
        isThere = true;
        return result;
      });
      await turns(40);
      assert.is(isThere, false, "asking does not resume what the application paused");
      socket.resume();
      assert.is((await asked).value, "b");
      socket.terminate();
    },
  );
});

test("what the application paused stays so, though the loop has made room", async () => {
  await withRawServer(
    (peer) => peer.accept({}, ...flood),
    async ({ url }) => {
      const socket = await connect(url);
      await paused(socket);
      socket.pause();
      let count = 0;
      const rest = (async () => {
        for await (const _message of socket) if (++count === flood.length) break;
      })();
      await turns(60);
      assert.ok(count < 20, `${count} messages came through a pause`);
      socket.resume();
      await rest;
      socket.terminate();
    },
  );
});

test("resume of the application lets one more message in at a time, while much is unread", async () => {
  await withRawServer(
    (peer) => peer.accept({}, ...flood),
    async ({ url }) => {
      const socket = await connect(url);
      await paused(socket);
      const { inbox } = socket as unknown as { readonly inbox: { readonly waitingLength: number } };
      const before = inbox.waitingLength;
      assert.ok(before >= MIB && before < MIB + 200 * KIB, `${before} octets wait`);
      socket.resume();
      assert.ok(inbox.waitingLength <= before + 70 * KIB, "the mark holds");
      let index = 0;
      for await (const message of socket) {
        assert.is(numberOf(message), index);
        if (++index === flood.length) break;
      }
      socket.terminate();
    },
  );
});

test("a server's slow loop slows its client down, and loses nothing", async () => {
  const go = deferred();
  const all = deferred<number>();
  const count = 200;
  const options = {
    async open(socket: Socket) {
      let index = 0;
      for await (const message of socket) {
        if (index === 0) await go.promise;
        assert.is(numberOf(message), index);
        if (++index === count) all.resolve(index);
      }
    },
  };
  await withServer(options, async ({ port }) => {
    const client = await RawClient.open(port);
    let takenCount = 0;
    for (let index = 0; index < count; index++) {
      client.socket.write(clientFrame(2, numbered(index, 128 * KIB)), () => takenCount++);
    }
    await turns(300);
    assert.ok(takenCount < count, "25 MiB were taken for a loop that stands still");
    go.resolve();
    assert.is(await all.promise, count);
    client.destroy();
  });
});

test("a client whose messages nobody reads is told by send and drain when its own peer reads slowly", async () => {
  await withRawServer(acceptAll, async ({ url, peer }) => {
    let drainCount = 0;
    const socket = await connect(url, { maxBufferedAmount: 16 * MIB, drain: () => drainCount++ });
    const server = await peer();
    server.socket.pause();
    let sentCount = 0;
    let mayGoOn = true;
    while (mayGoOn) {
      mayGoOn = socket.send(filled(MIB, 1));
      sentCount++;
      await turns(2);
    }
    assert.ok(socket.bufferedAmount > 7 * MIB && socket.bufferedAmount <= sentCount * MIB);
    server.socket.resume();
    await until(() => drainCount === 1);
    await server.frameCount(sentCount);
    await until(() => socket.bufferedAmount === 0);
    socket.terminate();
  });
});

test.run();
