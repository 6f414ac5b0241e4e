// What is compressed and inflated elsewhere is bounded for all connections together: however many have something to do, a few are
// at work, and the others wait without memory for what is to come out.

import * as assert from "uvu/assert";
import { settled } from "../connection/support.ts";
import { builtOnKernel } from "../support/current-kernel.ts";
import { kernels } from "../support/kernels.ts";
import { type DeflateEndpoint, deflated, deflateEndpoint, inflatedBy, providers, words } from "./support.ts";

const COUNT = 50;
const MOST = 8;
const message = words(100_000);

for (const tested of kernels) {
  const test = builtOnKernel("elsewhere", tested);

  /** Connections that share a provider which never answers at once. */
  const connections = (): readonly DeflateEndpoint[] => {
    const provider = providers.find(({ label }) => label === "late")!.make();
    return Array.from({ length: COUNT }, () => deflateEndpoint(provider));
  };

  const quiet = async (all: readonly DeflateEndpoint[]): Promise<void> => {
    const { provider } = all[0]!;
    while (provider.pending !== 0) {
      assert.ok(provider.pending <= MOST, `${provider.pending} at once`);
      await settled();
    }
    for (const { tick } of all) tick.end();
  };

  test("a large message to many connections is compressed for a few at a time, and reaches all", async () => {
    const all = connections();
    for (const { connection } of all) connection.send(message);
    assert.is(all[0]!.provider.pending, MOST);
    await quiet(all);
    for (const made of all) assert.ok(Buffer.from(inflatedBy(made)[0]!.payload).equals(Buffer.from(message)));
  });

  test("connections that close while they wait hold up nobody", async () => {
    const all = connections();
    for (const { connection } of all) connection.send(message);
    for (const { connection } of all.slice(0, -1)) connection.terminate();
    await quiet(all);
    assert.is(inflatedBy(all.at(-1)!).length, 1);
    for (const { connection } of all) connection.terminate();
    all[0]!.provider.check();
  });

  test("what inflates to much on many connections is inflated for a few at a time, and reaches all", async () => {
    const all = connections();
    const large = words(600_000);
    const octets = deflated(large);
    for (const { connection, compressed } of all) connection.receive(compressed(1, octets));
    assert.is(all[0]!.provider.pending, MOST);
    await quiet(all);
    for (const { data } of all) assert.is(data[0], large);
  });

  test.run();
}
