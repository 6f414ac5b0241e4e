// What an application passes on from people it does not trust: close reasons, payloads of control frames, limits. Nonsense is
// a UsageError before anything is sent or made, and what is sent is what was passed, never what memory held before.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { FrameDecoder } from "../../bindings/codec/frame-decoder.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { HeadReader } from "../../bindings/handshake/index.ts";
import { connect, type Socket, WebSocket } from "../../bindings/node/index.ts";
import { closeEvent, endpoint, thrownBy } from "../connection/support.ts";
import { closeFrame, deferred, RawClient, withServer } from "../node/support.ts";
import { createServer } from "../support/adapter.ts";
import { concat, filled, POISON, toHex, utf8 } from "../support/octets.ts";
import { packageRoot } from "../support/programs.ts";
import { fillWith } from "./memory.ts";
import { hostileKernels, kernelSuite } from "./on-kernels.ts";

const longer: Readonly<Record<string, unknown>> = {
  "a string of 124 octets": "x".repeat(124),
  "a string of 62 letters and 124 octets": "é".repeat(62),
  "a string of a million octets": "x".repeat(1e6),
  "a Uint8Array of 124 octets": filled(124, 0x61),
  "a Buffer of 65536 octets": Buffer.alloc(65536, 0x61),
  "a Float32Array of 160 octets": new Float32Array(40),
  "a Float32Array of 124 elements": new Float32Array(124),
  "an ArrayBuffer of 124 octets": new ArrayBuffer(124),
  "a DataView of 200 octets": new DataView(new ArrayBuffer(200)),
  "an object with a length": { length: 200 },
  "an object with a length that fits": { length: 10, byteLength: 10 },
  "an array of octets": Array.from({ length: 124 }, () => 0x61),
};

/** The options that docs/limits.md has rows for, and whether each may be Infinity. */
function documentedLimits(): { name: string; mayBeInfinite: boolean }[] {
  const page = readFileSync(join(packageRoot, "docs/limits.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| \d+ \| (yes|no) \|/gm)];
  assert.ok(rows.length >= 9, `${rows.length} rows found`);
  return rows.map(([, name, word]) => ({ name: name!, mayBeInfinite: word === "yes" }));
}

/** What can be made with an option, and which options it has. */
const makers: Readonly<Record<string, { has(name: string): boolean; make(options: object): unknown }>> = {
  createServer: { has: (name) => name !== "maxPayloadLength", make: (options) => createServer(options) },
  Connection: {
    has: (name) => !/Head|handshake|Payload/.test(name),
    make: (options) => new Connection({ role: "server", ...options }),
  },
  FrameDecoder: {
    has: (name) => name === "maxPayloadLength",
    make: (options) => new FrameDecoder({ role: "server", ...options }),
  },
};

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: what callers pass", tested);

  test("a close reason longer than 123 octets, of whatever type, is a UsageError, and nothing is sent (§5.5.1)", () => {
    for (const role of ["server", "client"] as const) {
      for (const [what, reason] of Object.entries(longer)) {
        const { connection, transport, sent } = endpoint({ role });
        assert.is(
          thrownBy(() => connection.close(1000, reason as string)),
          "UsageError WS_ARGUMENT",
          what,
        );
        assert.is(transport.octets.length, 0, what);
        assert.is(connection.readyState, 1, `${what}: the connection goes on`);
        connection.close(1000, "x".repeat(123));
        assert.equal(sent(), [closeEvent(1000, "x".repeat(123))], what);
      }
    }
  });

  test("a running server's socket refuses the same reasons, and still closes with the next (§5.5.1)", async () => {
    const thrown: string[] = [];
    const opened = deferred<Socket>();
    await withServer(
      { open: opened.resolve },
      async ({ port }) => {
        const client = await RawClient.open(port);
        const socket = await opened.promise;
        for (const reason of Object.values(longer)) thrown.push(thrownBy(() => socket.close(1000, reason as string)));
        assert.equal(
          thrown,
          Object.keys(longer).map(() => "UsageError WS_ARGUMENT"),
        );
        socket.close(4000, "é".repeat(61));
        client.send(closeFrame(4000));
        await client.ended();
        assert.is(client.frames.length, 1);
        assert.is(toHex(client.frames[0]!.payload), toHex(concat(Uint8Array.of(0x0f, 0xa0), utf8("é".repeat(61)))));
        client.destroy();
      },
      tested.name,
    );
  });

  test("a number, an object or a list is no payload of any frame, and nothing is sent (§5.5)", () => {
    for (const role of ["server", "client"] as const) {
      for (const wrong of [0, 100, 1e6, true, null, {}, { length: 10 }, [1, 2, 3], Symbol.iterator, () => 1, 10n]) {
        const { connection, transport } = endpoint({ role });
        for (const name of ["send", "ping", "pong"] as const) {
          assert.is(
            thrownBy(() => connection[name](wrong as never)),
            "UsageError WS_ARGUMENT",
            `${name} ${String(wrong)}`,
          );
        }
        assert.is(transport.octets.length, 0);
      }
    }
  });

  test("a ping or pong longer than 125 octets, of whatever type, is a UsageError, and nothing is sent (§5.5)", () => {
    for (const payload of [
      "x".repeat(126),
      "é".repeat(63),
      filled(126, 1),
      new Float32Array(32),
      new ArrayBuffer(126),
    ]) {
      const { connection, transport } = endpoint();
      for (const name of ["ping", "pong"] as const) {
        assert.is(
          thrownBy(() => connection[name](payload)),
          "UsageError WS_ARGUMENT",
        );
      }
      assert.is(transport.octets.length, 0);
    }
  });

  test("what is sent is what was passed, to the octet, whatever memory held before (§5.5)", () => {
    const floats = Float32Array.of(1.5, -2, 1e30);
    const part = new Float32Array(new ArrayBuffer(400), 40, 3);
    part.set(floats);
    const octets = new Uint8Array(floats.buffer);
    const inMiddle = filled(300, POISON).subarray(100, 104);
    inMiddle.set(utf8("part"));
    for (const role of ["server", "client"] as const) {
      for (const data of [floats, part, floats.buffer, new DataView(part.buffer, 40, 12), octets]) {
        const { connection, sent, tick } = endpoint({ role });
        fillWith(tested.kernel, POISON);
        connection.ping(data);
        connection.pong(data);
        connection.send(data);
        connection.send("é");
        connection.close(1000, inMiddle);
        tick.end();
        const words = toHex(octets);
        assert.equal(sent(), [
          `ping ${words}`,
          `pong ${words}`,
          `binary ${words}`,
          "text c3 a9",
          closeEvent(1000, "part"),
        ]);
      }
    }
  });

  test("3e9 is a limit as it stands, neither negative nor none: lengths up to it are waited for (§10.4)", () => {
    const most = 3_000_000_000n;
    for (const [length, error] of [
      [most, undefined],
      [most + 1n, "error WS_MESSAGE_TOO_LONG"],
    ] as const) {
      const { receive, peer, events } = endpoint({ maxMessageLength: 3e9 });
      receive(peer.frame(2, "", { announced: length }));
      assert.equal(events, error === undefined ? [] : [error]);
      const decoder = new FrameDecoder({ role: "server", maxPayloadLength: 3e9 });
      const fault = decoder.decode(peer.frame(2, "", { announced: length }), { frame() {} });
      assert.is(fault?.code, error === undefined ? undefined : "WS_FRAME_TOO_LONG");
    }
    const { connection, transport, receive, peer, events } = endpoint({
      maxBufferedAmount: 3e9,
      maxProcessBuffered: 3e9,
    });
    transport.takes = false;
    for (let count = 0; count < 3; count++) assert.is(connection.send(filled(70_000, 1)), true);
    receive(peer.binary(filled(70_000, 1), false));
    assert.equal(events, []);
    connection.terminate();
    const reader = new HeadReader({ maxHeadLength: 3e9, maxHeaderCount: 3e9 });
    assert.ok(reader.push(utf8(`GET / HTTP/1.1\r\n${"A: 0123456789\r\n".repeat(2000)}\r\n`)));
  });

  test("3e9 ms is a time as it stands: nothing is dropped before", () => {
    const { connection, clock, events } = endpoint({ closeTimeoutMs: 3e9, idleTimeoutMs: 3e9 });
    clock.ms += 1.4e9;
    connection.tick(clock.ms);
    assert.is(connection.readyState, 1);
    connection.close(1000);
    clock.ms += 2.9e9;
    connection.tick(clock.ms);
    assert.equal(events, []);
    clock.ms += 2e8;
    connection.tick(clock.ms);
    assert.equal(events, ["close 1006"]);
  });

  test("every documented limit takes 3e9, and refuses NaN, -1, 0, fractions, strings and, unless documented, Infinity", async () => {
    for (const { name, mayBeInfinite } of documentedLimits()) {
      const wrong = [NaN, -1, 0, -Infinity, 0.5, 1.5, 2 ** 53, "64kb", "1000", "", null, true, {}, [64], 10n];
      if (!mayBeInfinite) wrong.push(Infinity);
      const right = mayBeInfinite ? [3e9, Infinity] : [3e9];
      let makerCount = 0;
      for (const [what, { has, make }] of Object.entries(makers)) {
        if (!has(name)) continue;
        makerCount++;
        for (const value of wrong) {
          const verdict = thrownBy(() => make({ [name]: value }));
          assert.is(verdict, "UsageError WS_OPTION", `${what}: ${name} ${String(value)}`);
        }
        for (const value of right)
          assert.is(
            thrownBy(() => make({ [name]: value })),
            "",
            `${what}: ${name} ${value}`,
          );
      }
      assert.ok(makerCount > 0, name);
      if (name === "maxPayloadLength") continue;
      for (const value of wrong) {
        const options = { [name]: value } as object;
        const error = await connect("ws://127.0.0.1:1", options).then(
          () => null,
          (reason: Error) => reason,
        );
        assert.is(error?.name, "UsageError", `connect: ${name} ${String(value)}`);
        assert.is(
          thrownBy(() => new WebSocket("ws://127.0.0.1:1", options)),
          "UsageError WS_OPTION",
          `WebSocket: ${name}`,
        );
      }
    }
  });

  test.run();
}
