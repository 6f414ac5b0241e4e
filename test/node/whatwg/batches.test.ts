// Messages of one chunk: their events, what their listeners send, and what stands behind them in the same chunk.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket } from "../../../bindings/node/index.ts";
import { kernelNames, turns } from "../support.ts";
import { Diary, ScriptedStream, serverClose, text, violation, withPair } from "./support.ts";

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

for (const kernel of kernelNames) {
  const test = suite(`WebSocket / batches / ${kernel}`);

  test("the echoes of a batch of 64 leave in a few writes", async () => {
    for (const hops of [0, 3]) {
      await withPair(
        async ({ ws, peer }) => {
          ws.onmessage = async ({ data }) => {
            for (let hop = 0; hop < hops; hop++) await null;
            ws.send(String(data));
          };
          peer.send(...numbers(64).map(text));
          assert.equal(
            await peer.frameCount(64),
            numbers(64).map((number) => `1 ${number}`),
          );
          assert.ok(peer.chunkCount <= 4, `${peer.chunkCount} chunks`);
        },
        {},
        kernel,
      );
    }
  });

  test("a violation behind messages comes after their events; what their listeners send leaves before the Close", async () => {
    await withPair(
      async ({ ws, peer, diary }) => {
        ws.onmessage = async ({ data }) => {
          ws.send(`at once ${data}`);
          await null;
          await null;
          ws.send(`later ${data}`);
        };
        peer.send(text("a"), text("b"), violation, text("c"));
        const echoes = ["1 at once a", "1 later a", "1 at once b", "1 later b"];
        assert.equal(await peer.frameCount(5), [...echoes, "8 1002"]);
        peer.socket.end();
        await diary.closed;
        assert.equal(diary.lines, ["open", "message a", "message b", "error", "close 1006 unclean"]);
      },
      {},
      kernel,
    );
  });

  test("the server's Close behind messages comes after their events; what their listeners send leaves before the answer", async () => {
    await withPair(
      async ({ ws, peer, diary }) => {
        const states: number[] = [];
        ws.onmessage = async ({ data }) => {
          ws.send(`at once ${data}`);
          await null;
          await null;
          states.push(ws.readyState);
          ws.send(`later ${data}`);
        };
        peer.send(text("a"), text("b"), serverClose(4000, "bye"));
        peer.socket.end();
        await diary.closed;
        const echoes = ["1 at once a", "1 later a", "1 at once b", "1 later b"];
        assert.equal(await peer.frameCount(5), [...echoes, "8 4000"]);
        assert.equal(diary.lines, ["open", "message a", "message b", "close 4000 clean bye"]);
        assert.equal(states, [1, 1]);
      },
      {},
      kernel,
    );
  });

  test("close() in a listener leaves after what was sent before it, and drops the rest of the batch", async () => {
    await withPair(
      async ({ ws, peer, diary }) => {
        ws.onmessage = ({ data }) => {
          ws.send(`echo ${data}`);
          if (data === "2") ws.close(3000);
        };
        peer.send(...numbers(9).map(text));
        assert.equal(await peer.frameCount(4), ["1 echo 0", "1 echo 1", "1 echo 2", "8 3000"]);
        peer.send(serverClose(3000));
        peer.socket.end();
        await diary.closed;
        assert.equal(diary.lines, ["open", "message 0", "message 1", "message 2", "close 3000 clean"]);
      },
      {},
      kernel,
    );
  });

  /** What is heard on a stream that tells everything, and ends, in the tick of the answer or in one of its own. */
  const heardOn = async (isLater: boolean, tell: (stream: ScriptedStream) => void): Promise<string[]> => {
    const stream = new ScriptedStream((stream, acceptance) => {
      stream.tell(acceptance);
      if (isLater) setTimeout(() => tell(stream), 5);
      else tell(stream);
    });
    const ws = new WebSocket("ws://127.0.0.1/", { connect: () => stream });
    const diary = new Diary(ws);
    await diary.closed;
    await turns();
    return diary.lines;
  };

  const messages = numbers(20).map((number) => `message ${number}`);
  const failed = ["open", ...messages, "error", "close 1006 unclean"];

  for (const [when, isLater] of [
    ["tick of the answer", false],
    ["a later tick", true],
  ] as const) {
    test(`a stream that is destroyed in the tick of its data loses none of it: ${when}`, async () => {
      const heard = await heardOn(isLater, (stream) => {
        stream.tell(...numbers(20).map(text));
        stream.destroy();
      });
      assert.equal(heard, failed);
    });

    test(`a stream that breaks in the tick of its data loses none of it: ${when}`, async () => {
      const heard = await heardOn(isLater, (stream) => {
        for (const number of numbers(20)) stream.tell(text(number));
        setImmediate(() => stream.destroy(new Error("broken")));
      });
      assert.equal(heard, failed);
    });

    test(`a stream that ends in the tick of its data loses none of it: ${when}`, async () => {
      const heard = await heardOn(isLater, (stream) => {
        stream.tell(...numbers(20).map(text), serverClose(1000));
        stream.push(null);
      });
      assert.equal(heard, ["open", ...messages, "close 1000 clean"]);
    });
  }

  test("what arrives while a batch has its tasks comes after it", async () => {
    let stream!: ScriptedStream;
    const connect = (): ScriptedStream => {
      stream = new ScriptedStream((stream, acceptance) => stream.tell(acceptance, text("0"), text("1")));
      return stream;
    };
    const ws = new WebSocket("ws://127.0.0.1/", { connect });
    const diary = new Diary(ws);
    ws.onmessage = ({ data }) => {
      if (data === "0") stream.tell(text("2"), text("3"));
      if (data === "1") stream.tell(text("4"), serverClose(1000));
      if (data === "4") stream.push(null);
    };
    await diary.closed;
    assert.equal(diary.lines, ["open", ...messages.slice(0, 5), "close 1000 clean"]);
  });

  test.run();
}
