// Messages in parts, compressed: one that is received is delivered as it comes out, one that is sent is flushed part by part.
// RFC 7692 §6, §7.2; test/connection has the same without compression.

import { inflateRawSync } from "node:zlib";
import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import type { MessageStream } from "../../bindings/connection/message-stream.ts";
import { closeEvent, goneOn } from "../connection/support.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, utf8 } from "../support/octets.ts";
import { type DeflateEndpoint, deflated, deflateEndpoint, framesOf, providers, words } from "./support.ts";

/** Inflates the payloads of a message's frames, as its receiver does. */
function inflated(payloads: readonly Uint8Array[]): Buffer {
  return inflateRawSync(concat(...payloads, Uint8Array.of(0, 0, 0xff, 0xff)), { finishFlush: 2 });
}

/** Lets ticks, and what is done elsewhere, go on until nothing is left of either. */
async function over(made: DeflateEndpoint): Promise<void> {
  for (let round = 0; round < 5 || made.provider.pending !== 0; round++) await goneOn(made);
}

for (const tested of kernels) {
  for (const { label, make } of providers) {
    const test = builtOnKernel(`compressed streams, ${label}`, tested);

    test("a part leaves as a frame, the first with RSV1, and all inflate as one message (§6.1)", async () => {
      const made = deflateEndpoint(make());
      const parts = ["first ", "", words(20_000), "last é"];
      const sent = made.connection.sendStream(parts);
      await over(made);
      assert.is(await sent, true);
      const frames = framesOf(made.transport.octets, false);
      assert.equal(
        frames.map(({ opcode, rsv }) => [opcode, rsv]),
        [
          [1, 4],
          [0, 0],
          [0, 0],
          [0, 0],
        ],
      );
      assert.is(inflated(frames.map(({ payload }) => payload)).toString(), parts.join(""));
      made.connection.terminate();
      made.provider.check();
    });

    test("messages after a stream are read with what it has left, and `compress: false` sends parts plain", async () => {
      const made = deflateEndpoint(make());
      const { connection, peer } = made;
      const sent = [
        connection.sendStream([words(500)]),
        connection.sendStream(["plain"], { compress: false }),
        connection.sendStream([words(500)]),
      ];
      await over(made);
      assert.equal(await Promise.all(sent), [true, true, true]);
      const frames = framesOf(made.transport.octets, false);
      const payloads = frames.map(({ payload }) => payload);
      assert.is(Buffer.from(payloads[2]!).toString(), "plain");
      assert.is(
        inflated([...payloads.slice(0, 2), Uint8Array.of(0, 0, 0xff, 0xff), ...payloads.slice(4)]).toString(),
        words(500) + words(500),
      );
      assert.ok(payloads[4]!.length * 2 < payloads[0]!.length, `${payloads[4]!.length} of ${payloads[0]!.length}`);
      assert.is(peer.role, "server");
    });

    test("what inflates to more than waits at once is delivered as its loop takes it, in order", async () => {
      const lengths: number[] = [];
      const log: string[] = [];
      const stream = async (_: Connection, message: MessageStream): Promise<void> => {
        let whole = "";
        for await (const part of message) {
          lengths.push(part.length);
          whole += part as string;
          await new Promise((resolve) => setImmediate(resolve));
        }
        log.push(whole);
      };
      const made = deflateEndpoint(make(), {}, {}, { stream, ping: () => void log.push("ping") });
      const text = `${words(1_000_000)}é`;
      made.connection.receive(concat(made.compressed(1, deflated(text)), made.peer.ping(), made.peer.text("plain")));
      while (log.length < 3) await over(made);
      assert.ok(log[0] === text);
      assert.equal(log.slice(1), ["ping", "plain"]);
      assert.ok(lengths.length > 10 && Math.max(...lengths) <= 131_072, `${lengths.length} parts`);
      made.connection.terminate();
      made.provider.check();
    });

    test("a loop that is left early, or a connection that ends, leaves no stream open", async () => {
      const seen: string[] = [];
      const stream = async (_: Connection, message: MessageStream): Promise<void> => {
        for await (const part of message) {
          seen.push(String(part.length > 0));
          break;
        }
      };
      const made = deflateEndpoint(make(), {}, {}, { stream });
      made.connection.receive(made.compressed(2, deflated(filled(900_000, 1))));
      await over(made);
      made.connection.receive(made.peer.text("next"));
      await over(made);
      assert.equal(seen, ["true", "true"]);
      made.connection.receive(made.compressed(2, deflated(filled(900_000, 2)).subarray(0, 300), false));
      made.connection.terminate();
      await over(made);
      made.provider.check();
    });

    test("a limit that is passed on the way ends the loop with 1009", async () => {
      const errors: string[] = [];
      const stream = async (_: Connection, message: MessageStream): Promise<void> => {
        try {
          for await (const _part of message);
        } catch (error) {
          errors.push((error as { code: string }).code);
        }
      };
      const made = deflateEndpoint(make(), {}, { maxMessageLength: 500_000 }, { stream });
      made.connection.receive(made.compressed(2, deflated(filled(900_000, 1))));
      await over(made);
      assert.equal(errors, ["WS_MESSAGE_TOO_LONG"]);
      assert.equal(made.sent(), [closeEvent(1009)]);
    });

    test("a message passes through compressed on both sides", async () => {
      const stream = (connection: Connection, message: MessageStream): unknown => connection.sendStream(message);
      const made = deflateEndpoint(make(), {}, {}, { stream });
      const text = "é€😀".repeat(60_000);
      made.connection.receive(made.compressed(1, deflated(text)));
      await over(made);
      const frames = framesOf(made.transport.octets, false);
      assert.ok(inflated(frames.map(({ payload }) => payload)).equals(Buffer.from(utf8(text))));
      made.connection.terminate();
      made.provider.check();
    });

    test.run();
  }
}
