// 12.* and 13.* catch peers that do one thing wrong, in both roles, and let pass what is right in another way.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { badClient, badServer, closing, politeBut } from "../bad-peers.ts";
import { chooseCases, withMessages } from "../cases/index.ts";
import { startRun } from "../runner.ts";
import type { Subject } from "../subject.ts";
import type { Result } from "../trial.ts";
import type { Frame } from "../wire.ts";
import { clientSaying, compressed, compressingPeers, type Echo, recompressing, serverSaying } from "./bad-peers.ts";
import type { Deflater } from "./codec.ts";

/** Runs one case, with few messages, against a subject. */
async function only(subject: Subject, id: string): Promise<Result> {
  const { results, ended } = startRun(
    subject,
    withMessages(chooseCases([id]), () => 8),
  );
  const result = await results.get(id)!;
  await ended.catch(() => {});
  return result;
}

const said = ({ behavior, behaviorClose }: Result): string => `${behavior} / ${behaviorClose}`;

/** Correct up to the fifth message, and this way then. */
const late =
  (echo: Echo): Echo =>
  (opcode, message, deflater, count) =>
    count < 5 ? compressed(opcode, message, deflater) : echo(opcode, message, deflater, count);

function withWrongOctet(message: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(message);
  changed[changed.length >> 1]! ^= 1;
  return changed;
}

const inTwo = (opcode: number, message: Uint8Array, deflater: Deflater): readonly [Frame, Frame] => {
  const payload = deflater.compress(message);
  return [
    { opcode, rsv: 4, fin: false, payload: payload.subarray(0, 7) },
    { opcode: 0, payload: payload.subarray(7) },
  ];
};

const withRsv1Twice: Echo = (opcode, message, deflater) => {
  const [first, last] = inTwo(opcode, message, deflater);
  return [first, { ...last, rsv: 4 }];
};

const withoutRsv1: Echo = (opcode, message, deflater) => [{ ...compressed(opcode, message, deflater)[0], rsv: 0 }];

const twice: Echo = (opcode, message, deflater) => [
  ...compressed(opcode, message, deflater),
  ...compressed(opcode, message, deflater),
];

const changed =
  (change: (message: Uint8Array) => Uint8Array): Echo =>
  (opcode, message, deflater) =>
    compressed(opcode, change(message), deflater);

const asText: Echo = (_, message, deflater) =>
  compressed(
    1,
    message.map((octet) => octet & 127),
    deflater,
  );

type Row = readonly [
  what: string,
  id: string,
  make: ReturnType<typeof recompressing>,
  verdict: string,
  detail?: RegExp,
];

const refused = "FAILED / UNCLEAN";

const rows: readonly Row[] = [
  ["a good peer", "12.1.4", recompressing(compressed), "OK / OK"],
  ["a good peer that gets fragments", "12.4.11", recompressing(compressed), "OK / OK"],
  ...[1, 2, 3, 4, 5, 6, 7].map((group): Row => ["a good peer", `13.${group}.6`, recompressing(compressed), "OK / OK"]),
  ["an echo that is not compressed", "12.2.4", recompressing((opcode, payload) => [{ opcode, payload }]), "OK / OK"],
  ["an echo in two frames", "12.1.4", recompressing(inTwo), "OK / OK"],
  [
    "an echo with a wrong octet",
    "12.5.4",
    recompressing(late(changed(withWrongOctet))),
    "FAILED / OK",
    /in round 5.*Close 1000/,
  ],
  [
    "an echo that is too short",
    "12.1.4",
    recompressing(late(changed((message) => message.subarray(1)))),
    "FAILED / OK",
    /in round 5.*Close 1000/,
  ],
  ["an echo of the wrong kind", "12.3.4", recompressing(late(asText)), "FAILED / OK", /in round 5/],
  ["an echo that comes twice", "12.1.4", recompressing(twice), "FAILED / OK"],
  ["a Close in place of an echo", "12.1.4", recompressing(late(() => [closing(1000), "drop"])), "FAILED / FAILED"],
  ["RSV1 on a continuation", "12.1.4", recompressing(withRsv1Twice), refused, /RSV/],
  [
    "RSV1 on an echo that is not compressed",
    "12.1.4",
    recompressing((opcode, payload) => [{ opcode, payload, rsv: 4 }]),
    refused,
  ],
  ["an echo whose RSV1 is missing", "12.1.4", recompressing(withoutRsv1), refused],
  ["RSV2 beside RSV1", "12.1.4", recompressing((opcode, payload) => [{ opcode, payload, rsv: 6 }]), refused, /RSV/],
  ["a window wider than agreed", "13.3.6", recompressing(compressed, { windowBits: 10 }), refused, /too far back/],
  ["a window wider than agreed", "13.5.6", recompressing(compressed, { windowBits: 15 }), refused, /too far back/],
  ["a context that is kept", "13.2.4", recompressing(compressed, { contextTakeover: true }), refused, /too far back/],
  ["a context that is kept", "13.6.1", recompressing(compressed, { contextTakeover: true }), refused, /too far back/],
  [
    "a context that is not kept, though it may be",
    "13.1.4",
    recompressing(compressed, { contextTakeover: false }),
    "OK / OK",
  ],
  ["a window narrower than agreed", "13.4.6", recompressing(compressed, { windowBits: 9 }), "OK / OK"],
];

const verdicts = suite("conformance verdicts on compression");

for (const [what, id, make, verdict, detail] of rows) {
  verdicts(`${what} (${id}): ${verdict}`, async () => {
    const { server, client } = compressingPeers(make);
    for (const subject of [server, client]) {
      const result = await only(subject, id);
      assert.is(said(result), verdict, `${subject.role}: ${result.detail}`);
      if (detail !== undefined) assert.match(result.detail, detail);
    }
  });
}

const polite = politeBut(() => null);

verdicts("a peer that does not negotiate is UNIMPLEMENTED, and closed at once", async () => {
  for (const subject of [badServer(polite), badClient(polite)]) {
    for (const id of ["12.1.1", "13.7.18"]) {
      const result = await only(subject, id);
      assert.is(said(result), "UNIMPLEMENTED / OK", result.detail);
      assert.is(result.closeCode, 1000);
    }
  }
});

verdicts("such a peer still has to close, and to send nothing before", async () => {
  const keeps = politeBut(({ opcode }) => (opcode === 8 ? [] : null));
  assert.is(said(await only(badClient(keeps), "12.1.1")), "UNIMPLEMENTED / UNCLEAN");
  const greets = politeBut(({ opcode }) =>
    opcode === 8 ? [{ opcode: 1, payload: "?" }, closing(1000), "drop"] : null,
  );
  assert.is(said(await only(badServer(greets), "12.1.1")), "FAILED / OK");
  const compresses = politeBut(({ opcode }) => (opcode === 8 ? [{ opcode: 1, rsv: 4 }] : null));
  assert.match(said(await only(badServer(compresses), "12.1.1")), /^FAILED/);
});

verdicts.run();

const opening = suite("conformance negotiation over TCP");

const answers: readonly (readonly [field: string, id: string, verdict: string, detail: RegExp])[] = [
  ["permessage-deflate; foo", "12.1.1", "FAILED / FAILED", /no parameter foo/],
  ["permessage-deflate; server_max_window_bits=8", "13.3.1", "FAILED / FAILED", /8 bits/],
  [
    "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
    "13.2.1",
    "FAILED / FAILED",
    /client_no_context_takeover twice/,
  ],
  ["permessage-deflate, permessage-deflate", "13.7.1", "FAILED / FAILED", /more than one/],
  ["x-webkit-deflate-frame", "12.1.1", "FAILED / FAILED", /not offered/],
  ["permessage-deflate", "1.1.1", "FAILED / FAILED", /not offered/],
  ["permessage-deflate", "9.7.1", "FAILED / FAILED", /not offered/],
];

for (const [field, id, verdict, detail] of answers) {
  opening(`a server that answers ${field} in ${id} is ${verdict}`, async () => {
    const result = await only(serverSaying(field), id);
    assert.is(said(result), verdict);
    assert.match(result.detail, detail);
  });
}

const offers: readonly (readonly [field: string, id: string, verdict: string])[] = [
  ["permessage-deflate; foo", "12.1.1", "FAILED / FAILED"],
  ["permessage-deflate; client_max_window_bits; client_max_window_bits", "12.1.1", "FAILED / FAILED"],
  ["permessage-deflate; client_max_window_bits=7", "12.1.1", "FAILED / FAILED"],
  ["foo", "12.1.1", "UNIMPLEMENTED / OK"],
  ["permessage-deflate", "13.3.1", "UNIMPLEMENTED / OK"],
  ["permessage-deflate; client_max_window_bits", "1.1.1", "OK / OK"], // and no extension: see the reader's RSV1
];

for (const [field, id, verdict] of offers) {
  opening(`a client that offers ${field} in ${id} is ${verdict}`, async () => {
    const result = await only(clientSaying(field), id);
    assert.is(said(result), verdict, result.detail);
  });
}

opening("outside 12 and 13 a compressed echo is refused, also where the client offered it", async () => {
  const { client, server } = compressingPeers(() =>
    politeBut(({ opcode }) => (opcode === 1 ? [{ opcode, rsv: 4 }] : null))(),
  );
  for (const subject of [server, client]) assert.is(said(await only(subject, "1.1.1")), refused);
});

opening.run();
