// Names: what applications add to objects of ws is theirs. Ours are those that ws documents, and others that begin with "_".

import type { EventEmitter } from "node:events";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reference, underTest } from "./implementations.ts";

const test = suite("ws / names");

/** Names on an object and on its classes, as far as EventEmitter's. */
function namesOf(value: EventEmitter): string[] {
  const names = new Set<string>();
  for (let object: object = value; !("once" in object && Object.hasOwn(object, "once")); ) {
    for (const name of Object.getOwnPropertyNames(object)) names.add(name);
    object = Object.getPrototypeOf(object);
  }
  return [...names].filter((name) => !name.startsWith("_")).sort();
}

for (const [name, make] of [
  ["WebSocket", ({ WebSocket }: typeof reference) => new WebSocket(null, undefined, {})],
  ["WebSocketServer", ({ WebSocketServer }: typeof reference) => new WebSocketServer({ noServer: true })],
] as const) {
  test(`a ${name} has the names that ws's has, and others that begin with "_"`, () => {
    const theirs = new Set(namesOf(make(reference)));
    assert.ok(theirs.has("close"));
    assert.equal(
      namesOf(make(underTest)).filter((own) => !theirs.has(own)),
      [],
    );
  });
}

test.run();
