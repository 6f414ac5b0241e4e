// A message never shows what another connection said: all memory that the codec takes from is filled with a secret, as another
// connection leaves it, and no octet of it is in what handlers are given, in the rest of its buffers, or in what is sent.

import * as assert from "uvu/assert";
import type { Connection } from "../../bindings/connection/connection.ts";
import type { Socket } from "../../bindings/node/index.ts";
import { endpoint } from "../connection/support.ts";
import { clientFrame, RawClient, until, withServer } from "../node/support.ts";
import { concat, filled } from "../support/octets.ts";
import { cutAt, octetByOctet, type Peer } from "../support/peer.ts";
import { fillWith } from "./memory.ts";
import { hostileKernels, kernelServerSuite, kernelSuite } from "./on-kernels.ts";

const SECRET = 0x5e;
const OWN = 0x11;
const lengths = [0, 1, 3, 64, 125, 126, 1000, 2048, 2049, 5000, 40_000, 65_536, 70_000];

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: another connection's octets", tested);

  /** Another connection says the secret in every way there is, and goes; what it leaves is made worse. */
  function leaveSecrets(): void {
    for (const role of ["server", "client"] as const) {
      const { connection, peer } = endpoint({ role });
      for (const length of [100, 3000, 70_000]) {
        const secret = filled(length, SECRET);
        connection.receive(concat(peer.binary(secret), peer.text(secret)), { mayOverwrite: true });
        connection.receive(concat(peer.ping(secret.subarray(0, 125)), peer.binary(secret, false)));
        connection.receive(peer.more(secret));
        connection.send(secret);
        connection.send("^".repeat(length));
      }
      connection.receive(peer.binary(filled(100_000, SECRET), false));
      connection.terminate();
    }
    fillWith(tested.kernel, SECRET);
  }

  /** Octets that a handler was given are the peer's own, and what surrounds them is nobody's. */
  function check(data: string | Uint8Array, length: number, what: string): void {
    if (typeof data === "string") {
      assert.is(data, "\u0011".repeat(length), what);
      return;
    }
    assert.is(Buffer.compare(data, filled(length, OWN)), 0, `${what}: the message`);
    assert.is(Buffer.from(data.buffer).indexOf(SECRET), -1, `${what}: its buffer`);
  }

  const ways: Readonly<Record<string, { options?: object; frames(peer: Peer, own: Uint8Array): Uint8Array[] }>> = {
    text: { frames: (peer, own) => [peer.text(own)] },
    "text as octets": { options: { text: "bytes" }, frames: (peer, own) => [peer.text(own)] },
    binary: { frames: (peer, own) => [peer.binary(own)] },
    "binary with a buffer of its own": { options: { exact: true }, frames: (peer, own) => [peer.binary(own)] },
    "binary in two fragments": {
      frames: (peer, own) => [
        peer.binary(own.subarray(0, own.length >>> 1), false),
        peer.more(own.subarray(own.length >>> 1)),
      ],
    },
    "text in two fragments": {
      frames: (peer, own) => [
        peer.text(own.subarray(0, own.length >>> 1), false),
        peer.more(own.subarray(own.length >>> 1)),
      ],
    },
    "binary in three fragments, one empty": {
      frames: (peer, own) => [peer.binary(own, false), peer.more("", false), peer.more("")],
    },
  };

  test("messages of every kind and length show none, nor does the memory around them (§10.8)", () => {
    for (const [way, { options = {}, frames }] of Object.entries(ways)) {
      for (const length of lengths) {
        for (const how of ["whole", "given away", "in two chunks", "a frame a chunk"]) {
          const { connection, peer, data } = endpoint(options);
          const parts = frames(peer, filled(length, OWN));
          const stream = concat(...parts);
          const chunks =
            how === "in two chunks" ? cutAt(stream, stream.length >>> 1) : how === "a frame a chunk" ? parts : [stream];
          for (const chunk of chunks) {
            leaveFast();
            connection.receive(chunk, { mayOverwrite: how === "given away" });
          }
          const what = `${way} of ${length} octets, ${how}`;
          assert.is(data.length, 1, what);
          leaveFast();
          // A chunk that was given away holds the peer's own headers, which may be any octets.
          const isChunk = how === "given away" && (data[0] as Uint8Array).buffer === stream.buffer;
          if (isChunk) assert.is(Buffer.compare(data[0] as Uint8Array, filled(length, OWN)), 0, what);
          else check(data[0]!, length, what);
        }
      }
    }
  });

  /** The part of leaveSecrets that costs least. */
  function leaveFast(): void {
    tested.kernel.octets.fill(
      SECRET,
      tested.kernel.controlPtr,
      tested.kernel.scratchPtr + tested.kernel.scratchCapacity,
    );
  }

  test("messages, pings and close reasons show none after another connection has said its secret and gone", () => {
    for (const role of ["server", "client"] as const) {
      const payloads: Uint8Array[] = [];
      const keep = (_: Connection, data: Uint8Array): void => void payloads.push(data);
      let reason = "";
      const close = (_: Connection, __: number, text: string): void => {
        reason = text;
      };
      leaveSecrets();
      const { connection, peer, data } = endpoint({ role }, { ping: keep, pong: keep, close });
      for (const length of lengths) {
        const own = filled(length, OWN);
        connection.receive(concat(peer.binary(own), peer.ping(own.subarray(0, 125)), peer.pong(own.subarray(0, 125))));
        leaveSecrets();
        for (const octets of octetByOctet(concat(peer.binary(own.subarray(0, 200), false), peer.more("\u0011")))) {
          connection.receive(octets);
        }
      }
      connection.receive(peer.close(1000, "\u0011".repeat(123)));
      connection.receiveEnd();
      data.forEach((message, index) => {
        const length = lengths[index >> 1]!;
        check(message, index % 2 === 0 ? length : Math.min(length, 200) + 1, `message ${index}`);
      });
      assert.is(data.length, 2 * lengths.length);
      for (const [index, payload] of payloads.entries())
        check(payload, Math.min(lengths[index >> 1]!, 125), `payload ${index}`);
      assert.is(payloads.length, 2 * lengths.length);
      assert.is(reason, "\u0011".repeat(123));
    }
  });

  test("frames that are sent, behind a transport too, show none, and no write holds more than its frames", () => {
    for (const role of ["server", "client"] as const) {
      for (const takes of [true, false]) {
        const { connection, transport, tick, peer } = endpoint({ role });
        transport.takes = takes;
        const expected: string[] = [];
        for (const length of lengths) {
          const own = filled(length, OWN);
          const hex = Array.from(own, () => " 11").join("");
          leaveSecrets();
          connection.send(own);
          connection.send("\u0011".repeat(length));
          connection.ping(own.subarray(0, 125));
          tick.end();
          connection.writeCompleted();
          expected.push(`binary${hex || " "}`, `text${hex || " "}`, `ping${hex.slice(0, 375) || " "}`);
        }
        connection.close(1000, "\u0011".repeat(123));
        expected.push(`close 03 e8${" 11".repeat(123)}`);
        tick.end();
        connection.writeCompleted();
        connection.writeCompleted();
        const { events, violation } = peer.read(transport.octets);
        assert.is(violation, 0);
        assert.is(events.length, expected.length, `${role}, taken at once: ${takes}`);
        for (const [index, event] of events.entries()) assert.ok(event === expected[index], `${role}: frame ${index}`);
        const headers = role === "server" ? 10 : 14;
        const payload = 2 * lengths.reduce((sum, length) => sum + length, 0) + 126 * lengths.length + 126;
        assert.ok(transport.octets.length <= payload + headers * expected.length, "not an octet besides");
      }
    }
  });

  test.run();
}

for (const tested of hostileKernels) {
  const test = kernelServerSuite("frames: another connection's octets", tested);

  test("an echoing server shows one client nothing of another's (§10.8)", async () => {
    await withServer(
      { message: (socket: Socket, data: string | Uint8Array) => void socket.send(data) },
      async ({ port }) => {
        const [rich, poor] = [await RawClient.open(port), await RawClient.open(port)];
        let count = 0;
        for (const length of lengths) {
          rich.send(clientFrame(2, filled(length + 500, SECRET)), clientFrame(2, filled(3000, SECRET), false));
          poor.send(clientFrame(2, filled(length, OWN), false), clientFrame(0, filled(length, OWN)));
          rich.send(clientFrame(0, filled(70_000, SECRET)));
          poor.send(clientFrame(1, filled(length, OWN)), clientFrame(9, filled(Math.min(length, 125), OWN)));
          count += 3;
          await poor.frameCount(count);
        }
        await until(() => rich.frames.length === 2 * lengths.length);
        for (const { payload } of poor.frames) assert.is(Buffer.compare(payload, filled(payload.length, OWN)), 0);
        rich.destroy();
        poor.destroy();
      },
      tested.name,
    );
  });

  test.run();
}
