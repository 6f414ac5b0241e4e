// BlockChain: what waits costs at most twice its octets plus a small block, however it was cut, and gives its blocks back.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BlockChain, giveBlock, LARGEST_BLOCK, SMALLEST_BLOCK, takeBlock } from "../../bindings/codec/blocks.ts";
import { currentKernel } from "../../bindings/kernel/select.ts";
import { filled, Random } from "../support/octets.ts";

const test = suite("BlockChain");

function chainOf(octets: Uint8Array, pieceLength: number): BlockChain {
  const chain = new BlockChain();
  for (let at = 0; at < octets.length; at += pieceLength) {
    chain.append(octets, at, Math.min(at + pieceLength, octets.length));
    assert.ok(chain.capacity <= 2 * chain.length + SMALLEST_BLOCK, `${chain.capacity} octets hold ${chain.length}`);
  }
  return chain;
}

test("holds at most twice what was appended plus a small block, for pieces of every kind (§3.8)", () => {
  const octets = new Random(8).octets(300_000);
  for (const pieceLength of [1, 2, 23, 24, 25, 26, 1023, 1024, 1025, 4096, 65_535, 65_536, 65_537, 300_000]) {
    const chain = chainOf(octets, pieceLength);
    assert.is(chain.length, octets.length);
    assert.is(Buffer.compare(chain.takeOctets(), octets), 0, `pieces of ${pieceLength}`);
    assert.is(chain.capacity, 0);
    assert.is(chain.length, 0);
  }
});

test("holds at most one largest block more than what was appended, once it is long", () => {
  const chain = chainOf(filled(10 * LARGEST_BLOCK, 1), 10_000);
  assert.ok(chain.capacity <= chain.length + LARGEST_BLOCK);
  chain.clear();
});

test("costs nothing for nothing", () => {
  const chain = new BlockChain();
  for (let count = 0; count < 1000; count++) chain.append(new Uint8Array(8), 4, 4);
  assert.is(chain.capacity, 0);
  assert.is(chain.takeOctets().length, 0);
  assert.is(chain.takeText(currentKernel(), true), "");
});

test("takes a part of what it is given, at any place", () => {
  const octets = new Random(9).octets(5000);
  const chain = new BlockChain();
  chain.append(octets, 100, 101);
  chain.append(octets, 101, 140);
  chain.append(octets, 140, 4999);
  assert.equal(Uint8Array.from(chain.takeOctets()), octets.slice(100, 4999));
});

test("makes text, from one block and from several, ASCII or not, with its byte order mark", () => {
  for (const repeat of [1, 100, 1000, 50_000]) {
    const ascii = "plain ".repeat(repeat);
    const other = `\ufeff${"日本語 é 😀 ".repeat(repeat)}`;
    assert.is(chainOf(new TextEncoder().encode(ascii), 777).takeText(currentKernel(), true), ascii);
    assert.is(chainOf(new TextEncoder().encode(other), 777).takeText(currentKernel(), false), other);
  }
});

test("gives octets away in an ArrayBuffer of their own, and no block with them", () => {
  const octets = filled(1500, 7);
  const taken = chainOf(octets, 100).takeOctets();
  assert.is(taken.buffer.byteLength, 1500);
  const block = takeBlock(1);
  block.fill(0xff);
  giveBlock(block);
  assert.equal(Uint8Array.from(taken), octets);
});

test("gives its blocks back when it is taken and when it is cleared, and takes them again", () => {
  for (const end of ["takeOctets", "clear"] as const) {
    const marked = takeBlock(LARGEST_BLOCK);
    giveBlock(marked);
    const chain = new BlockChain();
    chain.append(filled(4 * LARGEST_BLOCK, 1), 0, 4 * LARGEST_BLOCK);
    assert.is.not(takeBlock(LARGEST_BLOCK), marked, "it is in use");
    chain[end]();
    const again = Array.from({ length: 5 }, () => takeBlock(LARGEST_BLOCK));
    assert.ok(again.includes(marked), `after ${end}`);
    again.forEach(giveBlock);
  }
});

test("keeps at most 64 blocks of a size", () => {
  for (const size of [SMALLEST_BLOCK, LARGEST_BLOCK]) {
    const many = Array.from({ length: 100 }, () => takeBlock(size));
    assert.is(new Set(many).size, 100);
    many.forEach(giveBlock);
    const again = Array.from({ length: 100 }, () => takeBlock(size));
    assert.is(again.filter((block) => many.includes(block)).length, 64);
    again.forEach(giveBlock);
  }
});

test("takeBlock gives the smallest size that holds what is asked, up to the largest", () => {
  for (const [length, size] of [
    [0, 1024],
    [1, 1024],
    [1024, 1024],
    [1025, 2048],
    [2048, 2048],
    [2049, 4096],
    [32_769, 65_536],
    [65_536, 65_536],
    [1e9, 65_536],
  ] as const) {
    const block = takeBlock(length);
    assert.is(block.length, size, `for ${length}`);
    giveBlock(block);
  }
});

test.run();
