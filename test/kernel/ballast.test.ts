// Ballast: garbage in proportion to the ArrayBuffers that V8 should collect soon.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as ballast from "../../bindings/ballast.ts";

const test = suite("ballast");

/** Elements of the last piece made for an ArrayBuffer of `length` octets; null where none is made. */
function lastPieceFor(length: number): number | null {
  const { lastPiece } = ballast;
  ballast.addBallast(length);
  return ballast.lastPiece === lastPiece ? null : (ballast.lastPiece as unknown[]).length;
}

test("is half an octet an octet, in pieces that the young generation takes", () => {
  assert.is(lastPieceFor(4096), 256);
  assert.is(lastPieceFor(16384), 1024);
  assert.is(lastPieceFor(131072), 8192);
  assert.is(lastPieceFor(131072 + 1600), 100);
  assert.is(lastPieceFor(524288), 8192);
});

test("is not made for what is small, nor for what V8 collects as well without it", () => {
  for (const length of [0, 1, 2048, 4095, 524289, 2 ** 30]) assert.is(lastPieceFor(length), null, `${length} octets`);
});

test("is needed on Node from V8 13 on", () => {
  const of = (node: string, v8: string): boolean => ballast.needsBallast({ node, v8 });
  assert.is(of("20.20.2", "11.3.244.8-node.33"), false);
  assert.is(of("22.22.0", "12.4.254.21-node.33"), false);
  assert.is(of("24.14.0", "13.6.233.17-node.40"), true);
  assert.is(of("26.1.0", "14.6.202.33-node.10"), true);
  assert.is(ballast.needsBallast({ node: "26.3.0", v8: "14.9.207.2-rusty", deno: "2.9.6" }), false);
  assert.is(ballast.needsBallast({ node: "24.3.0", v8: "13.6.233.10-node.18", bun: "1.4.5" }), false);
  assert.is(ballast.needsBallast({}), false);
});

test.run();
