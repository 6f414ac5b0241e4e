// Makes a failing case smaller while it fails in the same way: fewer cuts, plain settings, fewer octets. Cheap rather than
// thorough: it stops after a few seconds.

import { plainCase, type StreamCase } from "./stream-case.ts";

const TIME_LIMIT_MS = 3000;

/** A case without the octets from `start` to `end`; cuts move with what follows. */
function without(given: StreamCase, start: number, end: number): StreamCase {
  const stream = Uint8Array.from([...given.stream.subarray(0, start), ...given.stream.subarray(end)]);
  const moved = given.cuts.map((cut) => (cut <= start ? cut : Math.max(start, cut - (end - start))));
  const cuts = [...new Set(moved)].filter((cut) => cut > 0 && cut < stream.length);
  return { ...given, stream, cuts };
}

function* simpler(given: StreamCase): Generator<StreamCase, void, void> {
  if (given.cuts.length !== 0) yield { ...given, cuts: [] };
  for (const name of [
    "actions",
    "text",
    "exact",
    "mayOverwrite",
    "allowedRsv",
    "maxMessageLength",
    "maxProcessBuffered",
  ] as const) {
    if (String(given[name]) !== String(plainCase[name])) yield { ...given, [name]: plainCase[name] };
  }
  for (let run = given.stream.length >> 1; run > 0; run >>= 1) {
    for (let end = given.stream.length; end > 0; end -= run) yield without(given, Math.max(0, end - run), end);
  }
  for (const cut of given.cuts.slice(0, 200)) yield { ...given, cuts: given.cuts.filter((other) => other !== cut) };
}

/** @param fails  whether a case fails in the way that is looked for */
export function shrink(given: StreamCase, fails: (smaller: StreamCase) => boolean): StreamCase {
  const endMs = performance.now() + TIME_LIMIT_MS;
  let smallest = given;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of simpler(smallest)) {
      if (performance.now() > endMs) return smallest;
      if (!fails(candidate)) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}
