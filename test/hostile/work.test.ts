// What floods of fragments cost in work: in proportion to their length, counted in octets moved and in the processor's time.

import * as assert from "uvu/assert";
import { Peer } from "../support/peer.ts";
import { connectionTo } from "./floods.ts";
import { growthOfTime, octetsMovedBy } from "./memory.ts";
import { hostileKernels, kernelSuite } from "./on-kernels.ts";

/** How many times longer 8 times the input may take: 8 if it is in proportion, 64 if it is its square. */
const MOST_FOR_EIGHT = 32;

for (const tested of hostileKernels) {
  const test = kernelSuite("frames: work", tested);
  const peer = new Peer("server");
  const floods: Readonly<Record<string, readonly Uint8Array[]>> = {
    "one octet": [peer.more("x", false)],
    empty: [peer.more("", false)],
    "pings between": [peer.more("x", false), peer.ping("p")],
  };

  /** A message of `count` fragments, each with what else the flood has. */
  function pour(frames: readonly Uint8Array[], count: number): void {
    const connection = connectionTo();
    connection.receive(peer.binary("", false));
    for (let round = 0; round < count; round++) for (const frame of frames) connection.receive(frame);
    connection.receive(peer.more(""));
  }

  test("octets are moved as often as they are many, whatever the number of fragments (§5.4)", () => {
    for (const [name, frames] of Object.entries(floods)) {
      const moved = [1, 2, 4, 8].map((times) => octetsMovedBy(() => pour(frames, times * 5000)));
      moved.forEach((count, index) => {
        assert.ok(count <= 1.1 * 2 ** index * moved[0]!, `${name}: ${moved} octets for 1, 2, 4, 8 times the fragments`);
      });
    }
  });

  test("time grows as the number of fragments does, one octet long, empty or with pings between (§5.4)", () => {
    for (const [name, frames] of Object.entries(floods)) {
      const grown = growthOfTime(8, (times) => pour(frames, times * 5000));
      assert.ok(grown <= MOST_FOR_EIGHT, `${name}: ${grown} times the time for 8 times the fragments`);
    }
  });

  test.run();
}
