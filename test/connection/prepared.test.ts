// Messages made ready once for many connections: what leaves is what `send` would have written, and whoever may not send it is
// told what `send` would have told. prepared-unsent.test.ts has those that wait.

import * as assert from "uvu/assert";
import { heldOctets } from "../../bindings/connection/budget.ts";
import { BORROW_LENGTH } from "../../bindings/connection/outbox.ts";
import { type MessageOptions, PreparedMessage, prepareMessage } from "../../bindings/connection/prepared.ts";
import { UsageError } from "../../bindings/errors/classes.ts";
import { createServer } from "../support/adapter.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, hex } from "../support/octets.ts";
import { copyOf } from "../support/runtime.ts";
import { binaryEvent, type Endpoint, endpoint, textEvent, thrownBy } from "./support.ts";

type Data = string | Uint8Array;

/** Header lengths change at these, and from BORROW_LENGTH on octets are lent. */
const lengths = [0, 1, 124, 125, 126, 127, BORROW_LENGTH - 5, BORROW_LENGTH - 4, BORROW_LENGTH, 65535, 65536, 200_000];

const messages: readonly (readonly [Data, MessageOptions?])[] = [
  ...lengths.flatMap((length) => [["x".repeat(length)] as const, [filled(length, 1)] as const]),
  ["é€😀".repeat(20)],
  ["lone \ud800 surrogate"],
  ["text as binary é", { binary: true }],
  [new TextEncoder().encode("octets as text é".repeat(10)), { binary: false }],
  [hex("ff fe"), { binary: false, trusted: true }],
];

/** In a batch, at once, behind what waits for the tick, and behind a transport that has not taken what it was given. */
const places = ["batch", "outside", "tick", "behind"] as const;

/** What leaves when `act` sends in one of those places. */
function written(place: (typeof places)[number], act: (end: Endpoint) => void): Uint8Array {
  const end: Endpoint = endpoint({}, { message: () => act(end) });
  const { connection, transport, peer, tick } = end;
  if (place === "batch") {
    connection.receive(peer.text("go"));
  } else {
    transport.takes = place !== "behind";
    if (place !== "outside") connection.send("before");
    act(end);
    for (let count = 0; place === "behind" && count < 5; count++) connection.writeCompleted();
    tick.end();
  }
  return transport.octets;
}

for (const tested of kernels) {
  const test = builtOnKernel("prepared messages", tested);

  test("a server writes what send writes, wherever it is sent (§5.2)", () => {
    for (const place of places) {
      for (const [data, options] of messages) {
        const prepared = prepareMessage(data, options);
        const expected = written(place, ({ connection }) => void connection.send(data, options));
        poison(tested.kernel);
        const actual = written(place, ({ connection }) => void connection.send(prepared));
        assert.is(Buffer.compare(actual, expected), 0, `${place}, ${data.length}, ${JSON.stringify(options)}`);
      }
    }
  });

  test("a client masks each time with a fresh key, and leaves the message as it is (§5.3)", () => {
    for (const [data, options] of messages.filter(([, given]) => given?.trusted !== true)) {
      const prepared = prepareMessage(data, options);
      const before = Uint8Array.from(prepared.frame);
      const plain = endpoint({ role: "client" });
      const { connection, transport, sent, tick } = endpoint({ role: "client" });
      plain.connection.send(data, options);
      connection.send(prepared);
      tick.end();
      const first = transport.octets;
      assert.equal(sent(), plain.sent(), `${data.length}`);
      connection.send(prepared);
      tick.end();
      assert.equal(sent(), [...plain.sent(), ...plain.sent()]);
      const second = transport.octets.subarray(first.length);
      assert.is(second.length, first.length);
      assert.is.not(Buffer.compare(second, first), 0, "another key");
      assert.is(Buffer.compare(prepared.frame, before), 0);
    }
  });

  test("keeps its order among other messages, control frames and a Close", () => {
    for (const place of places) {
      const large = prepareMessage("l".repeat(BORROW_LENGTH));
      const small = prepareMessage("s");
      const expected = written(place, ({ connection }) => {
        for (const text of ["1", "s", "l".repeat(BORROW_LENGTH), "2", "s"]) connection.send(text);
        connection.ping("p");
        connection.send("l".repeat(BORROW_LENGTH));
        connection.close(1000);
      });
      const actual = written(place, ({ connection }) => {
        connection.send("1");
        connection.send(small);
        connection.send(large);
        connection.send("2");
        connection.send(small);
        connection.ping("p");
        connection.send(large);
        connection.close(1000);
        assert.is(connection.send(small), false);
      });
      assert.is(Buffer.compare(actual, expected), 0, place);
    }
  });

  test("what is sent from within its write follows it", () => {
    const { connection, transport, tick, sent } = endpoint();
    const { write } = transport;
    transport.write = (octets, more) => {
      transport.write = write;
      connection.send("within");
      connection.send(prepareMessage("prepared within"));
      connection.flush();
      return write.call(transport, octets, more);
    };
    connection.send(prepareMessage("first"));
    connection.send("last");
    tick.end();
    assert.equal(sent(), ["first", "within", "prepared within", "last"].map(textEvent));
  });

  test("what is sent from within another's write follows that: at a batch's end, a tick's, and when the transport goes on", () => {
    for (const moment of ["batch", "tick", "completed"] as const) {
      for (const takes of [true, false]) {
        const end: Endpoint = endpoint({}, { message: (context) => context.send("outer") });
        const { connection, transport, peer, tick, sent } = end;
        const { write } = transport;
        const within = (): void => {
          transport.takes = takes;
          transport.write = (octets, more) => {
            transport.write = write;
            connection.send(prepareMessage("within"));
            return write.call(transport, octets, more);
          };
        };
        if (moment !== "batch") {
          transport.takes = moment === "tick";
          connection.send("first");
          connection.send("outer");
        }
        if (moment === "completed") tick.end();
        within();
        if (moment === "batch") connection.receive(peer.text("go"));
        else if (moment === "tick") tick.end();
        else connection.writeCompleted();
        connection.send("last");
        for (let count = 0; count < 5; count++) connection.writeCompleted();
        tick.end();
        for (let count = 0; count < 5; count++) connection.writeCompleted();
        const texts = [...(moment === "batch" ? [] : ["first"]), "outer", "within", "last"];
        assert.equal(sent(), texts.map(textEvent), `${moment}, ${takes}`);
        assert.is(connection.bufferedAmount, 0);
      }
    }
  });

  test("the caller's octets may change once it is prepared, and are its own", () => {
    for (const length of [10, BORROW_LENGTH]) {
      const octets = filled(length, 1);
      const copy = Uint8Array.from(octets);
      const prepared = prepareMessage(octets.buffer);
      octets.fill(0);
      const { connection, sent } = endpoint();
      connection.send(prepared);
      assert.equal(
        sent(),
        [binaryEvent(copy)].map((event) => (length > 6000 ? sent()[0] : event)),
      );
      assert.is(prepared.payloadLength, length);
      assert.is(Buffer.compare(prepared.payload, copy), 0);
      structuredClone(octets.buffer, { transfer: [octets.buffer] });
      assert.is(Buffer.compare(prepared.payload, copy), 0);
    }
  });

  test("without a transport it comes out of output", () => {
    for (const length of [3, BORROW_LENGTH]) {
      const { connection } = endpoint();
      const bare = new (connection.constructor as typeof import("../../bindings/index.ts").Connection)({
        role: "server",
      });
      const prepared = prepareMessage("x".repeat(length));
      bare.send(prepared);
      bare.send(prepared);
      const octets = concat(...Array.from(bare.output(), (part) => Uint8Array.from(part)));
      assert.is(Buffer.compare(octets, concat(prepared.frame, prepared.frame)), 0);
      assert.is(heldOctets(), 0);
    }
  });

  // Misuse.

  test("what send refuses, prepareMessage refuses", () => {
    assert.is(
      thrownBy(() => prepareMessage(hex("ff"), { binary: false })),
      "UsageError WS_ARGUMENT",
    );
    assert.is(
      thrownBy(() => prepareMessage(hex("61 c3"), { binary: false })),
      "UsageError WS_ARGUMENT",
    );
    for (const data of [undefined, null, 1, {}, [1]]) {
      assert.is(
        thrownBy(() => prepareMessage(data as never)),
        thrownBy(() => endpoint().connection.send(data as never)),
      );
    }
    for (const options of [
      null,
      1,
      { compressed: true },
      { Binary: true },
      { binary: "no" },
      { compress: 1 },
      { trusted: null },
    ]) {
      assert.is(
        thrownBy(() => prepareMessage("x", options as never)),
        "UsageError WS_OPTION",
        JSON.stringify(options),
      );
    }
  });

  test("options were prepare's: beside a prepared message they are refused", () => {
    const { connection, transport } = endpoint();
    const prepared = prepareMessage("x");
    for (const options of [{ binary: true }, { binary: false }, { trusted: true }, { compress: true }, null]) {
      assert.is(
        thrownBy(() => connection.send(prepared, options as never)),
        "UsageError WS_OPTION",
      );
    }
    assert.is(
      thrownBy(() => connection.send(prepared, {}, 1 as never)),
      "UsageError WS_OPTION",
    );
    assert.is(transport.writes.length, 0);
    assert.is(connection.send(prepared, {}), true);
  });

  test("what one build prepares, connections of another send", async () => {
    type Prepared = typeof import("../../bindings/connection/prepared.ts");
    const copy = await copyOf<Prepared>(new URL("../../bindings/connection/prepared.js", import.meta.url));
    assert.is.not(copy.prepareMessage, prepareMessage, "they are two modules");
    const prepared = copy.prepareMessage("from the other");
    assert.instance(prepared, PreparedMessage);
    const { connection, sent } = endpoint();
    connection.send(prepared);
    assert.equal(sent(), [textEvent("from the other")]);
  });

  test("a server prepares as prepareMessage does", () => {
    const server = createServer({});
    for (const [data, options] of messages.slice(0, 8)) {
      assert.equal(server.prepare(data, options), prepareMessage(data, options));
    }
    assert.throws(
      () => server.prepare(hex("ff"), { binary: false }),
      (error: unknown) => error instanceof UsageError,
    );
  });

  test.run();
}
