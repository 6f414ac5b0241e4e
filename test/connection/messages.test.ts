// What a message handler gets: text as a string or as octets, binary in octets, however a message was fragmented.
// RFC 6455 §5.4, §5.6.

import * as assert from "uvu/assert";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, filled, Random, utf8 } from "../support/octets.ts";
import { binaryEvent, endpoint, textEvent } from "./support.ts";

const roles = ["server", "client"] as const;
const lengths = [
  0, 1, 2, 3, 125, 126, 127, 2044, 2045, 2046, 2047, 2048, 2049, 8192, 65_535, 65_536, 65_537, 200_000, 262_143,
  262_144, 600_000,
];

for (const tested of kernels) {
  const test = builtOnKernel("messages", tested);

  test("of every length arrive whole, as the first of a connection and as later ones (§5.6)", () => {
    for (const role of roles) {
      for (const length of lengths) {
        const { receive, peer, data, events } = endpoint({ role });
        const payload = new Random(length).octets(length);
        const text = "x".repeat(length);
        receive(concat(peer.binary(payload), peer.text(text), peer.binary(payload)), peer.binary(payload));
        const got = data as [Uint8Array, string, Uint8Array, Uint8Array];
        assert.is(got.length, 4, `${role}, ${length} octets: ${events.join(" ").slice(0, 60)}`);
        assert.is(got[1], text);
        for (const octets of [got[0], got[2], got[3]]) assert.is(Buffer.compare(octets, payload), 0);
      }
    }
  });

  test("arrive in pieces of any length as if they came whole (§5.4)", () => {
    const payload = utf8("κόσμε 日本 😀 plain".repeat(40));
    for (const role of roles) {
      for (const pieceLength of [1, 2, 3, 7, 100, 126, 500]) {
        const { receive, peer, events } = endpoint({ role });
        const count = Math.ceil(payload.length / pieceLength);
        const frames = Array.from({ length: count }, (_, index) => {
          const piece = payload.subarray(index * pieceLength, (index + 1) * pieceLength);
          return index === 0 ? peer.text(piece, false) : peer.more(piece, index === count - 1);
        });
        receive(concat(...frames));
        assert.equal(events, [textEvent("κόσμε 日本 😀 plain".repeat(40))], `pieces of ${pieceLength}`);
      }
    }
  });

  test("may have empty fragments anywhere, and nothing but them (§5.4)", () => {
    const { receive, peer, events } = endpoint();
    const none = new Uint8Array(0);
    receive(peer.text("", false), peer.more(""));
    receive(peer.binary("", false), peer.more("", false), peer.more(""));
    receive(peer.text("", false), peer.more("", false), peer.more("só"));
    receive(peer.text("só", false), peer.more("", false), peer.more(""));
    receive(concat(peer.binary("a", false), peer.more("", false), peer.more("b", false), peer.more("")));
    const so = textEvent("só");
    assert.equal(events, [textEvent(""), binaryEvent(none), so, so, binaryEvent(utf8("ab"))]);
  });

  test("keep their kind: text fragments make text and binary ones binary, also in turn (§5.4)", () => {
    const { receive, peer, data } = endpoint();
    receive(
      peer.text("a", false),
      peer.more("b"),
      peer.binary("a", false),
      peer.more("b"),
      peer.text("é", false),
      peer.more("c"),
    );
    assert.is(data[0], "ab");
    assert.equal(Array.from(data[1] as Uint8Array), [0x61, 0x62]);
    assert.is(data[2], "éc");
  });

  test("keep a byte order mark, and U+FEFF elsewhere (§5.6)", () => {
    for (const text of [
      "\ufeff",
      "\ufeffHello",
      "\ufeff\ufeff",
      "a\ufeffb",
      `\ufeff${"x".repeat(5000)}`,
      "\ufeff日本",
    ]) {
      const { receive, peer, data } = endpoint();
      receive(peer.text(text), peer.text(utf8(text).subarray(0, 1), false), peer.more(utf8(text).subarray(1)));
      assert.equal(data, [text, text]);
    }
  });

  test('are octets with text: "bytes", which are valid and still told from binary', () => {
    for (const exact of [false, true]) {
      const { receive, peer, data, events } = endpoint({ text: "bytes", exact });
      receive(peer.text("naïve"), peer.text("", false), peer.more("日本"), peer.binary("x"), peer.text(""));
      assert.equal(events, [textEvent("naïve"), textEvent("日本"), binaryEvent(utf8("x")), textEvent("")]);
      assert.ok(data.every((message) => message instanceof Uint8Array));
      receive(peer.text(Uint8Array.of(0xff)));
      assert.is(events[events.length - 1], "error WS_INVALID_UTF8");
    }
  });

  test("say whether they are binary, and are strings for text even where that is empty", () => {
    const kinds: [string, boolean][] = [];
    const { receive, peer } = endpoint({}, { message: (_, data, isBinary) => kinds.push([typeof data, isBinary]) });
    receive(peer.text(""), peer.binary(""), peer.text("x".repeat(70_000)), peer.binary(filled(70_000, 1)));
    assert.equal(kinds, [
      ["string", false],
      ["object", true],
      ["string", false],
      ["object", true],
    ]);
  });

  test("of 100,000 fragments of one octet arrive (§5.4)", () => {
    const { connection, peer, data } = endpoint({ role: "client" });
    const frames = [
      peer.text("x", false),
      ...Array.from({ length: 99_999 }, () => peer.more("y", false)),
      peer.more("z"),
    ];
    const stream = concat(...frames);
    for (let at = 0; at < stream.length; at += 50_000) {
      connection.receive(stream.subarray(at, at + 50_000));
      poison(tested.kernel);
    }
    assert.is((data[0] as string).length, 100_001);
    assert.ok(/^xy+z$/.test(data[0] as string));
  });

  test("and control frames in 5000 frames of one chunk come in order, each once (§5.5)", () => {
    const { receive, peer, events, sent } = endpoint();
    const frames = Array.from({ length: 5000 }, (_, index) =>
      index % 3 === 0 ? peer.ping(`${index}`) : peer.text(`${index}`),
    );
    receive(concat(...frames));
    const expected = Array.from({ length: 5000 }, (_, index) =>
      index % 3 === 0 ? textEvent(`${index}`).replace("text", "ping") : textEvent(`${index}`),
    );
    assert.equal(events, expected);
    assert.equal(
      sent(),
      expected.filter((event) => event.startsWith("ping")).map((event) => event.replace("i", "o")),
    );
  });

  test("a chunk may be any kind of octets; anything else is a UsageError and changes nothing", () => {
    const { connection, peer, events } = endpoint();
    const frame = peer.text("hi");
    const padded = concat(filled(3, 1), frame, filled(4, 1));
    connection.receive(frame.slice().buffer);
    connection.receive(new DataView(padded.buffer, 3, frame.length));
    connection.receive(Buffer.from(padded.buffer, 3, frame.length));
    for (const chunk of ["text", null, undefined, 7, [1]] as unknown[]) {
      assert.throws(
        () => connection.receive(chunk as Uint8Array),
        (error: { code: string }) => error.code === "WS_ARGUMENT",
      );
    }
    assert.equal(events, [textEvent("hi"), textEvent("hi"), textEvent("hi")]);
  });

  test.run();
}
