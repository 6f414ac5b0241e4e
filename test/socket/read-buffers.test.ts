// The memory that reads of Deno's wait in: small while little comes, larger while much does.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { READ_LENGTHS, ReadBuffer } from "../../bindings/deno/read-buffers.ts";

const [small, middle, large] = READ_LENGTHS;
const test = suite("read buffers");

/** What a buffer's next reads have, after reads of these lengths. */
function lengthsAfter(buffer: ReadBuffer, ...reads: readonly number[]): number[] {
  return reads.map((length) => {
    buffer.used(length);
    return buffer.octets.length;
  });
}

test("a connection begins with little, and has more as soon as a read fills that", () => {
  const buffer = new ReadBuffer();
  assert.is(buffer.octets.length, small);
  assert.equal(lengthsAfter(buffer, small - 1, small, middle, large), [small, middle, large, large]);
});

test("it has less after four reads in a row that would have fitted into that", () => {
  const buffer = new ReadBuffer();
  lengthsAfter(buffer, small);
  assert.equal(lengthsAfter(buffer, 1, 1, 1, small + 1, 1, small, 1, 1), [...new Array<number>(7).fill(middle), small]);
});

test("memory that was let go of is the next one's; no two have the same", () => {
  const first = new ReadBuffer();
  const { octets } = first;
  first.release();
  const second = new ReadBuffer();
  const third = new ReadBuffer();
  assert.ok(second.octets === octets && third.octets !== octets);
  first.release(); // nothing is left to let go of
  assert.ok(new ReadBuffer().octets !== octets);
});

test.run();
