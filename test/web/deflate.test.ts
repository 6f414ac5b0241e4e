// permessage-deflate over pairs of streams, by a provider that the application brings: pako, which runs everywhere. RFC 7692.

import * as pako from "pako";
import * as assert from "uvu/assert";
import { pakoProvider } from "../../bindings/deflate/index.ts";
import { connect, createServer, type ServerOptions, type Socket, WebSocketStream } from "../../bindings/web/index.ts";
import { filled } from "../support/octets.ts";
import { type End, Ending, ends, kernelNames, settled, until, webSuite } from "./support.ts";

const perMessageDeflate = { provider: pakoProvider(pako), threshold: 0 };

/** One end of a connection whose other end a server serves, and the octets that go either way. */
function served(options: ServerOptions<unknown>): { readonly end: End; readonly over: Promise<void>; length: number } {
  const [ours, theirs] = ends();
  const counted = { length: 0, over: createServer(options).serve(theirs) };
  const count = (): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> =>
    new TransformStream({
      transform(chunk, controller) {
        counted.length += chunk.length;
        controller.enqueue(chunk);
      },
    });
  const there = count();
  void there.readable.pipeTo(ours.writable).catch(() => {});
  return Object.assign(counted, { end: { readable: ours.readable.pipeThrough(count()), writable: there.writable } });
}

for (const kernel of kernelNames) {
  const test = webSuite("deflate", kernel);

  test("messages go compressed both ways, large ones too, in order", async () => {
    const made = served({
      perMessageDeflate,
      message: (socket: Socket<unknown>, data, isBinary) => void socket.send(data, { binary: isBinary }),
    });
    const socket = await connect("ws://server.example/", made.end, { perMessageDeflate });
    assert.is(socket.extensions[0]!.name, "permessage-deflate");
    const sent = [1, 30_000, 5, 1_000_000, 2].map((length) => "é".repeat(length));
    for (const text of sent) socket.send(text);
    const received: unknown[] = [];
    for await (const message of socket) {
      received.push(message);
      if (received.length === sent.length) socket.close(1000);
    }
    assert.ok(received.every((text, index) => text === sent[index]));
    await made.over;
    assert.ok(made.length < 30_000, `${made.length} octets for twice ${2 * 1_030_008}`);
  });

  test("a WebSocketStream says what was agreed", async () => {
    const made = served({ perMessageDeflate });
    const stream = new WebSocketStream("ws://server.example/", { streams: made.end, perMessageDeflate });
    assert.match((await stream.opened).extensions, /^permessage-deflate/);
    stream.close();
    await stream.closed;
  });

  test("what inflates to more than a message may have is stopped: 1009", async () => {
    const ending = new Ending();
    const made = served({ perMessageDeflate, maxMessageLength: 100_000, message() {}, error() {} });
    const socket = await connect("ws://server.example/", made.end, {
      perMessageDeflate,
      message() {},
      close: ending.close,
    });
    socket.send(filled(5_000_000, 0));
    await ending.told();
    assert.is(ending.code, 1009);
  });

  test("a peer that vanishes while much is compressed is nobody's error", async () => {
    const ending = new Ending();
    const made = served({
      perMessageDeflate,
      message() {},
      open: (socket) => void socket.send("x".repeat(3_000_000)),
      close: ending.close,
    });
    const socket = await connect("ws://server.example/", made.end, { perMessageDeflate, message() {} });
    socket.terminate();
    await ending.told();
    await made.over;
    await settled();
    await until(() => socket.readyState === 3);
    assert.is(ending.code, 1006);
  });

  test.run();
}
