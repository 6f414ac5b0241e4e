// What may be passed to close, send, ping and pong, and what throws a UsageError. RFC 6455 §5.5, §5.5.1, §7.4.

import * as assert from "uvu/assert";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex, utf8 } from "../support/octets.ts";
import { binaryEvent, closeEvent, endpoint, textEvent, thrownBy } from "./support.ts";

type Loose = Record<"close" | "send" | "ping" | "pong", (...args: unknown[]) => unknown>;

for (const tested of kernels) {
  const test = builtOnKernel("arguments", tested);

  /** Every call throws, sends nothing and leaves the connection open. */
  function refuses(name: keyof Loose, calls: readonly (readonly unknown[])[]): void {
    for (const args of calls) {
      const { connection, transport } = endpoint();
      const loose = connection as unknown as Loose;
      const shown = `${name}(${args.map(String).join(", ").slice(0, 60)})`;
      assert.is(
        thrownBy(() => loose[name](...args)),
        "UsageError WS_ARGUMENT",
        shown,
      );
      assert.is(transport.writes.length, 0, shown);
      assert.is(connection.readyState, 1);
      connection.terminate();
      assert.is(
        thrownBy(() => loose[name](...args)),
        "UsageError WS_ARGUMENT",
        `${shown}, closed`,
      );
    }
  }

  test("close takes the codes that may be sent and no other (§7.4)", () => {
    for (const code of [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999]) {
      const { connection, sent } = endpoint();
      connection.close(code);
      assert.equal(sent(), [closeEvent(code)]);
    }
    const wrong = [
      0,
      1,
      999,
      1004,
      1005,
      1006,
      1015,
      1016,
      2999,
      5000,
      65_535,
      65_536 + 1000,
      -1,
      1000.5,
      NaN,
      Infinity,
    ];
    refuses(
      "close",
      [...wrong, "1000", null, {}, [1000], 1000n].map((code) => [code]),
    );
  });

  test("close without arguments sends an empty Close (§5.5.1)", () => {
    for (const reason of ["", undefined, new Uint8Array(0)]) {
      const { connection, sent } = endpoint();
      connection.close(undefined, reason);
      assert.equal(sent(), [closeEvent()]);
    }
    refuses("close", [[undefined, "a reason without a code"]]);
  });

  test("a close reason has at most 123 octets of UTF-8, as text or as a Uint8Array (§5.5.1)", () => {
    const padded = concat(filled(4, 0xff), utf8("bye"), filled(4, 0xff));
    for (const [reason, text] of [
      ["x".repeat(123), "x".repeat(123)],
      ["é".repeat(61), "é".repeat(61)],
      ["\ud800", "\ufffd"],
      [padded.subarray(4, 7), "bye"],
      [Buffer.from("κ"), "κ"],
    ] as const) {
      const { connection, sent } = endpoint();
      connection.close(1000, reason);
      assert.equal(sent(), [closeEvent(1000, text)]);
    }
    const kinds = [
      new Float32Array(3),
      new Uint16Array(2),
      new ArrayBuffer(3),
      new DataView(new ArrayBuffer(2)),
      {},
      [1],
      5,
      null,
    ];
    const long = ["x".repeat(124), "é".repeat(62), "\ud800".repeat(42), new Uint8Array(124), "x".repeat(1e6)];
    const notUtf8 = [hex("ff"), hex("ed a0 80"), hex("e2 82")];
    refuses(
      "close",
      [...kinds, ...long, ...notUtf8].map((reason) => [1000, reason]),
    );
    refuses("close", [[undefined, { length: 0 }]]);
  });

  test("ping and pong take up to 125 octets of any kind (§5.5)", () => {
    for (const name of ["ping", "pong"] as const) {
      const { connection, sent } = endpoint();
      const octets = filled(125, 0xfe);
      connection[name]();
      connection[name]("é".repeat(62));
      connection[name](octets);
      connection[name](octets.buffer);
      connection[name](new DataView(octets.buffer, 1, 2));
      connection.flush();
      assert.equal(
        sent().map((event) => event.split(" ").length - 1),
        [1, 124, 125, 125, 2],
      );
      assert.ok(sent().every((event) => event.startsWith(name)));
      refuses(name, [["x".repeat(126)], ["é".repeat(63)], [filled(126, 1)], [5], [null], [{}], [[1, 2]]]);
    }
  });

  test("send takes text, and octets of every kind as they are", () => {
    const octets = hex("a5 01 02 ff");
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    shared.set([1, 2]);
    for (const [data, options, event] of [
      ["text", undefined, textEvent("text")],
      ["text", { binary: false }, textEvent("text")],
      ["text", { binary: true }, binaryEvent(utf8("text"))],
      ["", undefined, textEvent("")],
      [octets.subarray(1), undefined, binaryEvent(hex("01 02 ff"))],
      [octets.buffer, { binary: true }, binaryEvent(octets)],
      [new Uint16Array([0x0201]), {}, binaryEvent(hex("01 02"))],
      [new DataView(octets.buffer, 1, 2), undefined, binaryEvent(hex("01 02"))],
      [shared.buffer, undefined, binaryEvent(hex("01 02"))],
      [utf8("κόσμε"), { binary: false }, textEvent("κόσμε")],
      [Buffer.from("trusted"), { binary: false, trusted: true }, textEvent("trusted")],
    ] as const) {
      for (const role of ["server", "client"] as const) {
        const { connection, sent } = endpoint({ role });
        assert.is(connection.send(data, options), true);
        assert.equal(sent(), [event]);
      }
    }
    refuses("send", [[], [null], [5], [{}], [[1, 2]], [true]]);
  });

  test("octets sent as text must be UTF-8, unless the caller vouches for them (§5.6)", () => {
    for (const octets of [hex("ff"), hex("c3"), hex("ed a0 80"), concat(filled(70_000, 0x61), hex("80"))]) {
      refuses("send", [[octets, { binary: false }]]);
    }
    const { connection, transport } = endpoint();
    connection.send(hex("ff"), { binary: false, trusted: true });
    assert.equal(transport.octets, hex("81 01 ff"));
  });

  test.run();
}
