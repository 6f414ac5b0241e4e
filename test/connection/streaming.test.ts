// Messages that are delivered as they arrive: what a loop over one sees, what waits behind it, and what ends it.

import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import type { MessageStream, ReceivedPart } from "../../bindings/connection/message-stream.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, utf8 } from "../support/octets.ts";
import { cutAt, octetByOctet } from "../support/peer.ts";
import { binaryEvent, closeEvent, endpoint, goneOn, textEvent, thrownBy } from "./support.ts";

const KIB = 1024;

/** "Grüße, 世界 👋" and more: characters of every length. */
const TEXT = "Grüße, 世界 👋 ".repeat(5);

/** A handler that reads each message as a whole, and what it read, or what was thrown: "text …", "binary …", "WS_…". */
function reader(read: string[]) {
  return async (_: Connection, message: MessageStream): Promise<void> => {
    const parts: ReceivedPart[] = [];
    try {
      for await (const part of message) parts.push(part);
    } catch (error) {
      read.push(`${parts.length} parts, ${(error as { code: string }).code}`);
      return;
    }
    const whole = parts
      .map((part) => (typeof part === "string" ? part : new TextDecoder("latin1").decode(part)))
      .join("");
    read.push(`${message.isBinary ? "binary" : "text"} ${whole}`);
  };
}

for (const tested of kernels) {
  const test = builtOnKernel("streaming", tested);

  test("every message goes to `stream` where there is no `message`, whole, fragmented or empty (§5.4)", async () => {
    const read: string[] = [];
    const end = endpoint({}, { stream: reader(read) });
    const { peer } = end;
    end.receive(peer.text("one"), peer.binary("two"), peer.text(""), peer.text("thr", false), peer.more("ee"));
    await goneOn(end);
    assert.equal(read, ["text one", "binary two", "text ", "text three"]);
    assert.equal(end.events, []);
  });

  test("text comes in whole characters, wherever it is cut (§8.1)", async () => {
    const read: string[] = [];
    const cuts: string[] = [];
    const end = endpoint(
      {},
      {
        async stream(connection, message) {
          const seen: ReceivedPart[] = [];
          await reader(read)(connection, {
            isBinary: message.isBinary,
            async *[Symbol.asyncIterator]() {
              for await (const part of message) {
                seen.push(part);
                yield part;
              }
            },
          } as MessageStream);
          cuts.push(...(seen as string[]).filter((part) => /\ufffd/.test(part)));
        },
      },
    );
    for (const chunk of octetByOctet(end.peer.text(TEXT))) {
      end.receive(chunk);
      await goneOn(end);
    }
    const octets = utf8(TEXT);
    for (let cut = 1; cut < 40; cut++) {
      end.receive(end.peer.text(octets.subarray(0, cut), false), end.peer.more(octets.subarray(cut)));
      await goneOn(end);
    }
    assert.equal(read, Array(40).fill(`text ${TEXT}`));
    assert.equal(cuts, [], "no part has a replacement character");
  });

  test("with a `message` handler only messages of `streamFrom` octets and more are streamed", async () => {
    const read: string[] = [];
    const end = endpoint({ streamFrom: 10 }, { message: () => {}, stream: reader(read) });
    const { peer } = end;
    end.receive(peer.text("123456789"), peer.binary("1234567890"), peer.text("12345", false), peer.more("67", false));
    end.receive(peer.more("890é"), peer.text("short", false), peer.more("er"));
    await goneOn(end);
    assert.equal(read, ["binary 1234567890", "text 1234567890é"]);
    assert.equal(end.events, [textEvent("123456789"), textEvent("shorter")]);
  });

  test('with text: "bytes" text comes as octets', async () => {
    const parts: ReceivedPart[] = [];
    const end = endpoint(
      { text: "bytes" },
      {
        async stream(_, message) {
          assert.is(message.isBinary, false);
          for await (const part of message) parts.push(part);
        },
      },
    );
    end.receive(end.peer.text("é"));
    await goneOn(end);
    assert.equal(concat(...(parts as Uint8Array[])), utf8("é"));
  });

  test("what follows a message waits until its loop has ended: messages, pings, a Close, the transport's end", async () => {
    const log: string[] = [];
    let goOn = (): void => {};
    const end = endpoint(
      {},
      {
        message: (_, data) => void log.push(`message ${String(data)}`),
        ping: () => void log.push("ping"),
        close: (_, code) => void log.push(`close ${code}`),
        async stream(_, message) {
          for await (const part of message) {
            log.push(`part ${part.length}`);
            await new Promise<void>((resolve) => (goOn = resolve));
          }
          log.push("end");
        },
      },
    );
    const { peer } = end;
    end.receive(concat(peer.binary(filled(1024 * KIB, 7)), peer.ping(), peer.text("next"), peer.close(1000)));
    end.connection.receiveEnd();
    await goneOn(end);
    assert.ok(
      log.every((line) => line.startsWith("part")),
      log.join(),
    );
    for (let count = 0; count < 100 && !log.includes("end"); count++) {
      goOn();
      await goneOn(end);
    }
    assert.equal(
      log.filter((line) => !line.startsWith("part")),
      ["end", "ping", "message next", "close 1000"],
    );
    assert.equal(end.sent(), ["pong ", closeEvent(1000)]);
  });

  test("a loop that takes nothing slows the peer down: at 128 KiB the transport stops, and goes on when they are taken", async () => {
    let take = (): void => {};
    let length = 0;
    const end = endpoint(
      {},
      {
        async stream(_, message) {
          await new Promise<void>((resolve) => (take = resolve));
          for await (const part of message) length += part.length;
        },
      },
    );
    const whole = end.peer.binary(filled(300 * KIB, 7));
    for (const chunk of cutAt(whole, 50_000, 100_000, 120_000)) end.receive(chunk);
    await goneOn(end);
    assert.equal(end.transport.calls, ["pause"], "what has come already is kept");
    take();
    await goneOn(end);
    assert.is(length, 300 * KIB);
    assert.equal(end.transport.calls.slice(0, 2), ["pause", "resume"]);
    assert.is(end.transport.calls.at(-1), "resume");
  });

  test("break drops the rest of the message, and nothing else", async () => {
    const log: string[] = [];
    const end = endpoint(
      {},
      {
        async stream(_, message) {
          for await (const part of message) {
            log.push(String(part));
            if (part === "first") break;
          }
        },
      },
    );
    const { peer } = end;
    end.receive(peer.text("first", false));
    await goneOn(end);
    end.receive(peer.more("dropped".repeat(50_000), false), peer.more("dropped"), peer.text("second"));
    await goneOn(end);
    assert.equal(log, ["first", "second"]);
  });

  test("a message that its handler does not read is dropped when that is over", async () => {
    let count = 0;
    const end = endpoint(
      {},
      {
        stream(_, message): unknown {
          count++;
          if (count === 1) return undefined;
          return Promise.resolve(message.isBinary);
        },
      },
    );
    const { peer } = end;
    end.receive(peer.binary(filled(1024 * KIB, 7)), peer.text("x"), peer.text("y"));
    await goneOn(end);
    assert.is(count, 3);
    assert.equal(end.events, []);
  });

  test("a stream is read once, while its handler runs", async () => {
    const thrown: string[] = [];
    let kept: MessageStream | undefined;
    const end = endpoint(
      {},
      {
        async stream(_, message) {
          if (kept === undefined) {
            kept = message;
            return;
          }
          for await (const _part of message) thrown.push(thrownBy(() => message.lend()));
          thrown.push(thrownBy(() => message[Symbol.asyncIterator]()));
        },
      },
    );
    end.receive(end.peer.text("x"), end.peer.text("y"));
    await goneOn(end);
    assert.equal(thrown, ["UsageError WS_ARGUMENT", "UsageError WS_ARGUMENT"]);
    assert.is(
      thrownBy(() => kept![Symbol.asyncIterator]()),
      "UsageError WS_ARGUMENT",
    );
  });

  test("text that becomes invalid ends the loop, after what came before it, and fails the connection with 1007 (§8.1)", async () => {
    const read: string[] = [];
    const end = endpoint({}, { stream: reader(read) });
    end.receive(end.peer.text("valid", false));
    await goneOn(end);
    end.receive(end.peer.more(hex("c3 28"), false));
    await goneOn(end);
    assert.equal(read, ["1 parts, WS_INVALID_UTF8"]);
    assert.equal(end.sent(), [closeEvent(1007)]);
  });

  test("a message that grows over maxMessageLength ends the loop, and fails the connection with 1009", async () => {
    const read: string[] = [];
    const end = endpoint({ maxMessageLength: 10 }, { stream: reader(read) });
    end.receive(end.peer.binary("12345", false), end.peer.more("678901"));
    await goneOn(end);
    assert.equal(read, ["1 parts, WS_MESSAGE_TOO_LONG"]);
    assert.equal(end.sent(), [closeEvent(1009)]);
  });

  for (const [what, how, code] of [
    ["the transport is lost", (end) => end.connection.transportClosed(new Error("reset")), "WS_ABNORMAL_CLOSURE"],
    ["the transport ends", (end) => end.connection.receiveEnd(), "WS_ABNORMAL_CLOSURE"],
    ["the application terminates", (end) => end.connection.terminate(), "WS_ABNORMAL_CLOSURE"],
    ["the peer closes", (end) => end.receive(end.peer.close(1000)), "WS_ABNORMAL_CLOSURE"],
    ["the peer breaks a rule", (end) => end.receive(end.peer.text("new")), "WS_CONTINUATION_EXPECTED"],
  ] as readonly (readonly [string, (end: ReturnType<typeof endpoint>) => void, string])[]) {
    test(`where ${what} before the message ends, the loop throws ${code} after the last part`, async () => {
      const read: string[] = [];
      const end = endpoint({}, { stream: reader(read) });
      end.receive(end.peer.binary("part", false));
      await goneOn(end);
      how(end);
      await goneOn(end);
      assert.equal(read, [`1 parts, ${code}`]);
    });
  }

  test("a loop that throws fails the connection with 1011, and `error` is told", async () => {
    const end = endpoint(
      {},
      {
        async stream(_, message) {
          for await (const _part of message) throw new TypeError("a mistake");
        },
      },
    );
    end.receive(end.peer.text("x", false));
    await goneOn(end);
    assert.equal(end.events, ["error TypeError: a mistake"]);
    assert.equal(end.sent(), [closeEvent(1011)]);
  });

  test("a slow loop is no silent peer: the idle timeout does not run while its message waits", async () => {
    const end = endpoint({ idleTimeoutMs: 1000 }, { stream: () => new Promise(() => {}) });
    end.receive(end.peer.text("x"));
    await goneOn(end);
    end.connection.tick(end.clock.ms + 5000);
    end.connection.tick(end.clock.ms + 10_000);
    assert.equal(end.sent(), []);
    assert.is(end.connection.readyState, 1);
  });

  test("messages after a streamed one are delivered as before", async () => {
    const read: string[] = [];
    const end = endpoint({ streamFrom: 5 }, { message: () => {}, stream: reader(read) });
    const { peer } = end;
    end.receive(concat(peer.binary("12345"), peer.binary(hex("01")), peer.binary("67890"), peer.text("é")));
    await goneOn(end);
    assert.equal(read, ["binary 12345", "binary 67890"]);
    assert.equal(end.events, [binaryEvent(hex("01")), textEvent("é")]);
  });

  test.run();
}
