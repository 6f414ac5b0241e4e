// What a browser and an edge runtime are asked to do with the core entry: decode, encode, converse. Runs there, after a bundler
// or as it is; exercised.ts has what must come out.

import {
  Connection,
  encodeFrame,
  FrameDecoder,
  InvalidPayloadError,
  isValidUtf8,
  mask,
  Opcode,
  ProtocolError,
  UsageError,
} from "wsimd";

const hexOf = (octets) => Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(" ");
const octetsOf = (hex) => Uint8Array.from(hex.split(" "), (digits) => Number.parseInt(digits, 16));
const filled = (length) => Uint8Array.from({ length }, (_, index) => index * 7 + (index >> 8));
const textOf = (octets) => new TextDecoder().decode(octets);

/** What a decoder finds in octets that come in chunks of a length: opcodes, flags and payloads, and the fault if any. */
function decoded(role, octets, chunkLength = octets.length) {
  const frames = [];
  const decoder = new FrameDecoder({ role });
  let fault = null;
  for (let at = 0; at < octets.length && fault === null; at += chunkLength) {
    fault = decoder.decode(octets.slice(at, at + chunkLength), {
      frame: (opcode, flags, payload) => frames.push([opcode, flags, new Uint8Array(payload)]),
    });
  }
  return { frames, fault };
}

/** What is told of a fault: whether it is of a class, its code, close code and place. */
const told = (fault, errorClass) => [
  fault instanceof errorClass,
  fault.name,
  fault.code,
  fault.closeCode,
  fault.byteOffset,
];

/** Whether a payload comes back as it was, masked and not, whole and in chunks of a length that divides nothing. */
function comesBack(opcode, payload) {
  const sides = [
    ["client", "server"],
    ["server", "client"],
  ];
  return sides.flatMap(([from, to]) =>
    [undefined, 997].map((chunkLength) => {
      const { frames, fault } = decoded(to, encodeFrame(opcode, payload, { role: from }), chunkLength);
      const [frame] = frames;
      if (fault !== null || frames.length !== 1 || frame[0] !== opcode || frame[1] !== 0x80) return false;
      return frame[2].length === payload.length && frame[2].every((octet, index) => octet === payload[index]);
    }),
  );
}

/** A client and a server that talk until nothing is left to say, and what each was told. */
function conversation() {
  const log = [];
  const side = (role, message) => ({
    role,
    handlers: {
      message: (connection, data) => {
        log.push(`${role} ${typeof data === "string" ? data : hexOf(data)}`);
        message(connection, data);
      },
      ping: (_connection, data) => log.push(`${role} ping ${textOf(data)}`),
      pong: (_connection, data) => log.push(`${role} pong ${textOf(data)}`),
      close: (_connection, code, reason) => log.push(`${role} close ${code} ${reason}`),
    },
  });
  const server = new Connection(side("server", (connection, data) => connection.send(data)));
  const client = new Connection(
    side("client", (connection, data) => data instanceof Uint8Array && connection.close(1000, "done")),
  );
  client.ping("there?");
  client.send("Grüße, 你好, 👋🏽");
  client.send(Uint8Array.of(1, 2, 3));
  for (let turn = 0; turn < 4; turn++) {
    for (const octets of client.output()) server.receive(new Uint8Array(octets));
    for (const octets of server.output()) client.receive(new Uint8Array(octets));
  }
  for (const connection of [server, client]) connection.transportClosed();
  return log;
}

/** What an error of the caller's is. */
function usage() {
  try {
    new FrameDecoder({ role: "both" });
    return null;
  } catch (error) {
    return [error instanceof UsageError, error.name, error.code];
  }
}

/** Does all of it; what it returns can be told in JSON. */
export function exercise() {
  // The masked "Hello" of RFC 6455 §5.7, and an unmasked one.
  const masked = "81 85 37 fa 21 3d 7f 9f 4d 51 58";
  const unmasked = "81 05 48 65 6c 6c 6f";
  const maskedOctets = octetsOf("7f 9f 4d 51 58");
  mask(maskedOctets, 0x3d21fa37);
  return {
    text: [decoded("server", octetsOf(masked)), decoded("client", octetsOf(unmasked), 1)].map(({ frames }) =>
      frames.map(([opcode, flags, payload]) => [opcode, flags, textOf(payload)]),
    ),
    encoded: [
      hexOf(encodeFrame(Opcode.Text, "Hello", { role: "client", maskingKey: 0x3d21fa37 })) === masked,
      hexOf(encodeFrame(Opcode.Text, "Hello")) === unmasked,
    ],
    masked: textOf(maskedOctets),
    binary: [0, 125, 126, 65_535, 65_536, 300_000].flatMap((length) => comesBack(Opcode.Binary, filled(length))),
    unicode: comesBack(Opcode.Text, new TextEncoder().encode("Привет, мир. 👋🏽 ".repeat(5000))),
    valid: [isValidUtf8(octetsOf("e4 bd a0")), isValidUtf8(octetsOf("ed a0 80"))],
    notMasked: told(decoded("server", octetsOf(unmasked)).fault, ProtocolError),
    reserved: told(decoded("client", octetsOf(`${unmasked} 83 00`)).fault, ProtocolError),
    notUtf8: told(decoded("client", octetsOf("81 03 ed a0 80"), 1).fault, InvalidPayloadError),
    usage: usage(),
    conversation: conversation(),
  };
}

/**
 * Counts what is compiled and instantiated at once from now on. A kernel that was chosen without a call to `init` shows in
 * it: WebAssembly makes one instance, the scalar twin none.
 */
export function watchWebAssembly() {
  const counts = { compiled: 0, instances: 0 };
  const counted = (original, name) =>
    new Proxy(original, {
      construct(...args) {
        const made = Reflect.construct(...args);
        counts[name]++;
        return made;
      },
    });
  WebAssembly.Module = counted(WebAssembly.Module, "compiled");
  WebAssembly.Instance = counted(WebAssembly.Instance, "instances");
  return counts;
}
