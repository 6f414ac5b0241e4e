// Every option of a connection: what it takes, what it refuses, what it is left out for. Nonsense throws a UsageError that
// names the option, at construction.

import * as assert from "uvu/assert";
import { encodeFrame } from "../../bindings/codec/encode-frame.ts";
import { Connection } from "../../bindings/connection/connection.ts";
import { ConnectionSettings, type SettingsOptions } from "../../bindings/connection/settings.ts";
import { LimitError, type UsageError } from "../../bindings/errors/classes.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled } from "../support/octets.ts";
import { Peer } from "../support/peer.ts";
import { closeEvent, FakeTransport, textEvent, thrownBy } from "./support.ts";

type Options = SettingsOptions<unknown>;

const amounts = [
  { name: "maxMessageLength", otherwise: 16 * 1024 * 1024, unlimited: true },
  { name: "maxBufferedAmount", otherwise: 64 * 1024 * 1024, unlimited: true },
  { name: "maxProcessBuffered", otherwise: 1024 * 1024 * 1024, unlimited: true },
  { name: "idleTimeoutMs", otherwise: 120_000, unlimited: true },
  { name: "closeTimeoutMs", otherwise: 5000, unlimited: false },
] as const;

for (const tested of kernels) {
  const test = builtOnKernel("options", tested);

  const amountOf = (name: (typeof amounts)[number]["name"], value?: unknown): number => {
    const settings = new ConnectionSettings({ role: "server", [name]: value } as Options);
    return name === "maxMessageLength" ? settings.rules.maxMessageLength : settings[name];
  };

  /** The option is refused by both ways to make a connection, and the message names it. */
  function refuses(name: string, options: unknown): void {
    for (const make of [() => new ConnectionSettings(options as Options), () => new Connection(options as Options)]) {
      assert.is(thrownBy(make), "UsageError WS_OPTION", `${name}: ${JSON.stringify(options)}`);
      assert.throws(make, new RegExp(name.replace(".", "\\.")));
    }
  }

  for (const { name, otherwise, unlimited } of amounts) {
    test(`${name} takes whole numbers from 1, as they are${unlimited ? ", and Infinity" : ""}`, () => {
      for (const value of [1, 125, 65_536, 3e9, 2 ** 32, 2 ** 53 - 1]) assert.is(amountOf(name, value), value);
      assert.is(amountOf(name), otherwise);
      assert.is(amountOf(name, undefined), otherwise);
      for (const value of [0, -1, 0.5, 1.5, NaN, -Infinity, 2 ** 53, "64kb", "1000", null, true, {}, [1], 10n]) {
        const make = (): unknown => amountOf(name, value);
        assert.is(thrownBy(make), "UsageError WS_OPTION", `${name}: ${String(value)}`);
        assert.throws(make, new RegExp(`^${name} must be`));
      }
      assert.throws(() => amountOf(name, 2 ** 53), /from 1 to 9007199254740991/);
      if (unlimited) assert.is(amountOf(name, Infinity), Infinity);
      else refuses(name, { role: "server", [name]: Infinity });
    });
  }

  test("role is asked for, and is server or client", () => {
    for (const options of [{}, { role: undefined }, { role: null }, { role: "peer" }, { role: 1 }])
      refuses("role", options);
    for (const role of ["server", "client"] as const) new Connection({ role });
  });

  test("text, exact, now, write and handlers are of their kinds", () => {
    const role = "server";
    for (const text of ["octets", "", null, 1]) refuses("text", { role, text });
    for (const exact of ["true", 1, null]) refuses("exact", { role, exact });
    for (const now of [1, null, "now"]) refuses("now", { role, now });
    for (const handlers of [5, "message", null, () => {}]) refuses("handlers", { role, handlers });
    for (const name of ["message", "ping", "pong", "drain", "error", "close"]) {
      refuses(`handlers.${name}`, { role, handlers: { [name]: "function" } });
      refuses(`handlers.${name}`, { role, handlers: { [name]: null } });
      new Connection({ role, handlers: { [name]: undefined } });
    }
    assert.is(
      thrownBy(() => new Connection({ role, write: "out" as never })),
      "UsageError WS_OPTION",
    );
  });

  test("an unknown name throws: a misspelt limit protects nothing", () => {
    for (const name of [
      "maxMessagelength",
      "maxPayload",
      "onmessage",
      "message",
      "timeout",
      "constructor",
      "__proto__x",
    ]) {
      refuses(name, { role: "server", [name]: 1 });
    }
    for (const options of [undefined, null, "server", 5, []]) {
      assert.is(
        thrownBy(() => new Connection(options as never)),
        "UsageError WS_OPTION",
        String(options),
      );
    }
  });

  test("handlers may be an object with a prototype, and are called on it", () => {
    class Application {
      readonly heard: unknown[] = [];
      message(_: unknown, data: unknown): void {
        this.heard.push(data);
      }
    }
    const application = new Application();
    new Connection({ role: "server", handlers: application }).receive(new Peer("server").text("x"));
    assert.equal(application.heard, ["x"]);
  });

  test("context is the handlers' first argument; left out, the connection is", () => {
    const seen: unknown[] = [];
    const handlers = { message: (context: unknown): void => void seen.push(context) };
    const peer = new Peer("server");
    const plain = new Connection({ role: "server", handlers });
    plain.receive(peer.text("x"));
    const context = { name: "the shell's" };
    new Connection({ role: "server", handlers, context }).receive(peer.text("x"));
    const settings = new ConnectionSettings<unknown>({ role: "server", handlers });
    new Connection(settings, { context: 0 }).receive(peer.text("x"));
    assert.equal(seen.length, 3);
    assert.is(seen[0], plain);
    assert.is(seen[1], context);
    assert.is(seen[2], 0);
  });

  test("settings serve any number of connections, each with its transport", () => {
    const heard: string[] = [];
    const handlers = { message: (context: Connection<never>, data: unknown): void => void context.send(`${data}!`) };
    const settings = new ConnectionSettings<never>({ role: "server", handlers: handlers as never });
    const peer = new Peer("server");
    const transports = [new FakeTransport(), new FakeTransport()];
    transports.forEach((transport, index) => {
      new Connection(settings, { transport }).receive(peer.text(`${index}`));
      heard.push(...peer.read(transport.octets).events);
    });
    assert.equal(heard, [textEvent("0!"), textEvent("1!")]);
  });

  test("write takes octets at once; without it and without a transport they wait for output", () => {
    const peer = new Peer("server");
    const written: Uint8Array[] = [];
    const writing = new Connection({ role: "server", write: (octets) => written.push(Uint8Array.from(octets)) });
    writing.send("a");
    writing.close(1000);
    writing.flush();
    assert.equal(peer.read(concat(...written)).events, [textEvent("a"), closeEvent(1000)]);
    const waiting = new Connection({ role: "server" });
    waiting.send("b");
    waiting.send("c");
    waiting.receive(peer.ping("d"));
    assert.is(waiting.bufferedAmount, 2);
    const taken = [...waiting.output()].map((octets) => Uint8Array.from(octets));
    assert.equal(peer.read(concat(...taken)).events, [textEvent("b"), textEvent("c"), "pong 64"]);
    assert.is(waiting.bufferedAmount, 0);
    assert.equal([...waiting.output()], []);
  });

  test("maxMessageLength of 3e9 lets a frame of 3e9 octets begin, and no longer one (§10.4)", () => {
    for (const [announced, code] of [
      [3_000_000_000n, undefined],
      [3_000_000_001n, "WS_MESSAGE_TOO_LONG"],
    ] as const) {
      const errors: unknown[] = [];
      const handlers = { error: (_: unknown, error: unknown): void => void errors.push(error) };
      const connection = new Connection({ role: "server", maxMessageLength: 3e9, handlers });
      connection.receive(new Peer("server").frame(2, "", { announced }));
      assert.is((errors[0] as UsageError | undefined)?.code, code);
    }
  });

  test("text is bounded by the longest string also where messages are not; binary and text as bytes are not", () => {
    for (const [text, binary, fails] of [
      ["string", false, true],
      ["string", true, false],
      ["bytes", false, false],
    ] as const) {
      const errors: unknown[] = [];
      const handlers = { error: (_: unknown, error: unknown): void => void errors.push(error) };
      const settings = new ConnectionSettings<unknown>({ role: "server", maxMessageLength: Infinity, text, handlers });
      assert.is(settings.maxTextLength, text === "string" ? 2 ** 29 - 24 : Infinity);
      // A string limit that a test can reach.
      if (text === "string") Object.assign(settings, { maxTextLength: 1000 });
      const connection = new Connection(settings);
      const peer = new Peer("server");
      connection.receive(
        concat(peer[binary ? "binary" : "text"](filled(900, 0x61), false), peer.more(filled(101, 0x61))),
      );
      assert.is(errors.length, fails ? 1 : 0);
      if (!fails) continue;
      assert.instance(errors[0], LimitError);
      const { code, limit, actual, closeCode } = errors[0] as LimitError;
      assert.equal([code, limit, actual, closeCode], ["WS_TEXT_TOO_LONG", 1000, 1001, 1009]);
    }
  });

  test("a transport lacks nothing, and is not given beside write", () => {
    const whole = new FakeTransport();
    refusesTransport("transport", { transport: 1 });
    refusesTransport("transport", { transport: null });
    for (const name of ["write", "end", "destroy"]) {
      refusesTransport(`transport.${name}`, { transport: { write() {}, end() {}, destroy() {}, [name]: undefined } });
    }
    refusesTransport("write", { write: 1 });
    refusesTransport("write", { write() {}, transport: whole });
    new Connection({ role: "server", transport: whole });
  });

  function refusesTransport(name: string, place: object): void {
    const make = (): unknown => new Connection({ role: "server", ...place } as Options);
    assert.is(thrownBy(make), "UsageError WS_OPTION", name);
    assert.throws(make, new RegExp(`^${name.replace(".", "\\.")} must be`));
  }

  test("what a write callback is given stays as it is", () => {
    const given: Uint8Array[] = [];
    const connection = new Connection({ role: "server", write: (octets) => given.push(octets) });
    connection.send("first");
    connection.send("second");
    connection.flush();
    connection.send("third");
    connection.flush();
    assert.equal(concat(...given), concat(...["first", "second", "third"].map((text) => encodeFrame(1, text))));
  });

  test("a handler that no event calls is refused", () => {
    for (const handlers of [{ mesage() {} }, { open() {} }]) {
      const make = (): unknown => new Connection({ role: "server", handlers } as Options);
      assert.is(thrownBy(make), "UsageError WS_OPTION");
      assert.throws(make, new RegExp(`handlers has no ${Object.keys(handlers)[0]}`));
    }
  });

  test("options of send and its done are checked before anything is queued", () => {
    const transport = new FakeTransport();
    const connection = new Connection({ role: "server", transport });
    for (const [options, done] of [[{ binray: false }], ["cb"], [{}, "cb"], [undefined, 1], [null]] as never[][]) {
      assert.is(
        thrownBy(() => connection.send("text", options, done)),
        "UsageError WS_OPTION",
        String(options),
      );
    }
    assert.is(transport.writes.length, 0);
    connection.send("text", {});
    connection.send("text", undefined, () => {});
  });

  test.run();
}
