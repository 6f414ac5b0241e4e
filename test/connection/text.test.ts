// Text that is not ASCII arrives as the string that was sent, on every kernel, at every length at which strings are made
// another way: whole, cut anywhere, in fragments cut inside characters; RFC 6455 §5.6.

import * as assert from "uvu/assert";
import { same } from "../support/assertions.ts";
import { builtOnKernel, poison } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { concat, utf8 } from "../support/octets.ts";
import { cutAt, type Peer } from "../support/peer.ts";
import { endpoint } from "./support.ts";

const scripts: Readonly<Record<string, string>> = {
  Cyrillic: "Съешь же ещё этих мягких французских булок. ",
  Chinese: "天地玄黃，宇宙洪荒。",
  emoji: '{"text":"shipped 🎉 thanks 👍🏽"},',
  French: "Dès Noël, où un zéphyr haï me vêt de glaçons. ",
  "a byte order mark": "\ufeff天",
};

/** Text of exactly `length` octets: `unit` over and over as far as whole characters fit, then full stops. */
function textOf(unit: string, length: number): string {
  const octets = utf8(unit.repeat(Math.ceil(length / utf8(unit).length))).subarray(0, length);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets, { stream: true }); // drops what is cut
  return text + ".".repeat(length - utf8(text).length);
}

for (const tested of kernels) {
  const test = builtOnKernel("text", tested);
  const window = tested.kernel.utf16Capacity / 2;
  const short = [1, 2, 3, 4, 5, 14, 15, 16, 17, 18, 30, 31, 32, 33, 34, 63, 64, 65, 125, 126, 127, 1024];
  const long = [16384, window - 1, window, window + 1, window + 2, window + 3, 2 * window + 1, 65500, 65536, 200_000];

  /** Feeds a server what `chunksOf` makes of a message, and expects one string. */
  function check(
    text: string,
    what: string,
    chunksOf: (peer: Peer, octets: Uint8Array) => readonly Uint8Array[],
  ): void {
    const { connection, data, peer } = endpoint();
    for (const chunk of chunksOf(peer, utf8(text))) {
      connection.receive(chunk);
      poison(tested.kernel);
    }
    same(data.length, 1, () => `messages, ${what}`);
    same(data[0], text, () => what);
    connection.terminate();
  }

  test("arrives whole, with another message in the same chunk", () => {
    for (const [script, unit] of Object.entries(scripts)) {
      for (const length of [...short, ...long]) {
        const text = textOf(unit, length);
        const { connection, data, peer } = endpoint();
        connection.receive(concat(peer.text(text), peer.text(text), peer.text("das Ende: ß")));
        assert.is(data.length, 3);
        assert.ok(data[0] === text && data[1] === text, `${length} octets of ${script}`);
        assert.is(data[2], "das Ende: ß");
      }
    }
  });

  test("arrives cut in two chunks anywhere (§5.6)", () => {
    for (const [script, unit] of Object.entries(scripts)) {
      for (const length of short.filter((each) => each <= 127)) {
        for (let cut = 1; cut < length + 6; cut++) {
          check(textOf(unit, length), `${length} octets of ${script}, cut at ${cut}`, (peer, octets) =>
            cutAt(peer.text(octets), cut),
          );
        }
      }
      for (const length of long) {
        for (const cut of [7, 1000, length >> 1, (length >> 1) + 1, length - 3, length - 1]) {
          check(textOf(unit, length), `${length} octets of ${script}, cut at ${cut}`, (peer, octets) =>
            cutAt(peer.text(octets), cut),
          );
        }
      }
    }
  });

  test("arrives in fragments cut inside characters, with a ping between (§5.4)", () => {
    for (const [script, unit] of Object.entries(scripts)) {
      for (const length of [...short, ...long].filter((each) => each > 2)) {
        for (const cut of [1, 2, length >> 1, (length >> 1) + 1, length - 1]) {
          check(textOf(unit, length), `${length} octets of ${script}, fragments of ${cut}`, (peer, octets) => [
            peer.text(octets.subarray(0, cut), false),
            peer.ping("between"),
            peer.more(octets.subarray(cut)),
          ]);
        }
      }
    }
  });

  test("arrives from a batch that another connection has put out of linear memory", () => {
    for (const [script, unit] of Object.entries(scripts)) {
      for (const length of [20, 64, 1024, 16384]) {
        const text = textOf(unit, length);
        const other = endpoint();
        const { connection, data, peer } = endpoint({}, { message: () => other.receive(other.peer.text("другое")) });
        connection.receive(concat(peer.text("first"), peer.text(text), peer.text(text)));
        assert.is(data[1] === text && data[2] === text, true, `${length} octets of ${script}`);
        assert.equal(other.data, ["другое", "другое", "другое"]);
      }
    }
  });

  test.run();
}
