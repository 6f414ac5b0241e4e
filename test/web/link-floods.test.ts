// Pairs of streams as links: a stream that always has more takes the event loop from nobody.

import * as assert from "uvu/assert";
import { endpoint } from "../../bindings/web/index.ts";
import { concat, filled } from "../support/octets.ts";
import { clientFrame, Ending, kernelNames, type Octets, sink, streamOf, webSuite } from "./support.ts";

for (const kernel of kernelNames) {
  const test = webSuite("link, floods", kernel);

  // Whoever has the event loop to himself never lets the timer fire: the count ends the test then.
  const floods: Record<string, { readonly chunk: Octets; readonly most: number }> = {
    "octets one by one": { chunk: Uint8Array.of(0x89), most: 200_000 },
    "chunks of no octet": { chunk: new Uint8Array(0), most: 200_000 },
    "large messages": { chunk: clientFrame(2, filled(100_000, 1)), most: 5_000 },
    "small messages": { chunk: concat(...Array.from({ length: 100 }, () => clientFrame(1, "abc"))), most: 100_000 },
  };
  for (const [name, { chunk, most }] of Object.entries(floods)) {
    test(`a stream that is always full lets the event loop live: ${name}`, async () => {
      let hasFired = false;
      const ping = clientFrame(9);
      let count = 0;
      const source = streamOf(() => {
        count++;
        if (hasFired || count >= most) return null;
        return chunk.length === 1 ? ping.subarray(count % ping.length, (count % ping.length) + 1) : chunk;
      });
      const timer = setTimeout(() => {
        hasFired = true;
      }, 1);
      const ending = new Ending();
      const options = { role: "server" as const, message() {}, close: ending.close };
      endpoint({ readable: source.stream, writable: sink() }, options);
      await ending.told();
      clearTimeout(timer);
      assert.ok(count < most, `the timer waited for ${count} chunks`);
    });
  }

  test("one chunk of 200,000 messages lets the event loop live, and loses none", async () => {
    const one = clientFrame(1, "0123456789");
    const chunk = new Uint8Array(one.length * 200_000);
    for (let at = 0; at < chunk.length; at += one.length) chunk.set(one, at);
    const source = streamOf(() => (source.pullCount === 1 ? chunk : null));
    let count = 0;
    let countAtTimer = -1;
    setTimeout(() => {
      countAtTimer = count;
    }, 0);
    const ending = new Ending();
    endpoint(
      { readable: source.stream, writable: sink() },
      { role: "server", message: () => void count++, close: ending.close },
    );
    await ending.told();
    assert.is(count, 200_000);
    assert.ok(countAtTimer >= 0 && countAtTimer < 200_000, `the timer came after ${countAtTimer}`);
  });

  test.run();
}
