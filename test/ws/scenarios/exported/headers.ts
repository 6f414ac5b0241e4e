// extension, subprotocol and PerMessageDeflate: the fields of the handshake, read and written.

import type { Loose } from "../../implementations.ts";
import type { Scenarios } from "../../scenario.ts";
import { thrown } from "../../support.ts";

const extensionFields: readonly string[] = [
  "foo",
  "foo,bar",
  "foo , bar",
  "foo\t,\tbar",
  "foo; a",
  "foo; a; b=1",
  "foo; a=1; a=2, foo; a=3",
  'foo; a="b"',
  'foo; a="\\b\\c"',
  "foo;a=1;b , bar;c",
  "foo; a=b ",
  'foo; a="b\\c"; d, bar; e="\\f\\g", baz',
  "__proto__; constructor=1",
  "hasOwnProperty, toString; valueOf",
  "",
  " foo",
  "foo ",
  "foo,",
  ",foo",
  "foo;",
  "foo;;a",
  "foo; a=",
  "foo; a==b",
  'foo; a="',
  'foo; a=""',
  'foo; a="b c"',
  'foo; a="b"c',
  'foo; a=b"c"',
  "foo bar",
  "foo; a b",
  "foo\u0000",
  "f\u00f6o",
  "foo=1",
];

const protocolFields: readonly string[] = [
  "a",
  "a,b",
  "a , b",
  "a\t,\tb",
  "chat.v2, chat!#$%&'*+-.^_`|~",
  "",
  " a",
  "a ",
  "a,",
  ",a",
  "a,,b",
  "a b",
  "a, a",
  'a"',
  "a;b",
  "\u00e9",
];

/** A map without a prototype, as an object of entries. */
const plain = (value: Loose): unknown =>
  Array.isArray(value)
    ? value.map(plain)
    : typeof value === "object" && value !== null
      ? Object.entries(value).map(([key, inner]) => [key, plain(inner)])
      : value;

export const scenarios: Scenarios = {
  "extension.parse()": {
    covers: ["extension"],
    sides: "server",
    async run({ server: { extension }, log }) {
      for (const field of extensionFields) {
        let parsed: unknown;
        const failed = thrown(() => {
          parsed = extension.parse(field);
        });
        log("parse", JSON.stringify(field), failed === "nothing" ? plain(parsed) : failed);
      }
      log("parse", "without a prototype", Object.getPrototypeOf(extension.parse("foo")));
    },
  },

  "extension.format()": {
    covers: ["extension"],
    sides: "server",
    async run({ server: { extension }, log }) {
      const values: Loose[] = [
        { foo: {} },
        { foo: [{}] },
        { foo: { a: true } },
        { foo: { a: "1", b: [2, true] } },
        { foo: [{ a: 1 }, { b: true }], bar: {} },
        { foo: { a: [true, true] } },
        {},
      ];
      for (const value of values) log("format", JSON.stringify(value), extension.format(value));
    },
  },

  "subprotocol.parse()": {
    covers: ["subprotocol"],
    sides: "server",
    async run({ server: { subprotocol }, log }) {
      for (const field of protocolFields) {
        let parsed: unknown;
        const failed = thrown(() => {
          parsed = subprotocol.parse(field);
        });
        log("parse", JSON.stringify(field), failed === "nothing" ? parsed : failed);
      }
    },
  },

  "PerMessageDeflate offers": {
    covers: ["PerMessageDeflate"],
    sides: "server",
    async run({ server: { PerMessageDeflate }, log }) {
      log("name", PerMessageDeflate.extensionName);
      const options: Loose[] = [
        undefined,
        {},
        { serverNoContextTakeover: true },
        { clientNoContextTakeover: true, serverMaxWindowBits: 10 },
        { clientMaxWindowBits: 9 },
        { clientMaxWindowBits: true },
        { clientMaxWindowBits: false },
        { serverMaxWindowBits: true },
      ];
      for (const option of options) {
        const made = new PerMessageDeflate(option);
        log("offer", option, made.offer(), made.params);
      }
    },
  },

  "PerMessageDeflate accepts, as a server and as a client": {
    covers: ["PerMessageDeflate"],
    sides: "server",
    async run({ server: { PerMessageDeflate, extension }, log }) {
      const options: Loose[] = [
        {},
        { serverNoContextTakeover: true },
        { serverNoContextTakeover: false, clientNoContextTakeover: false },
        { serverMaxWindowBits: 10, clientMaxWindowBits: 10 },
        { serverMaxWindowBits: false, clientMaxWindowBits: false },
      ];
      const fields = [
        "x",
        "x; server_no_context_takeover; client_no_context_takeover",
        "x; server_max_window_bits=9, x",
        "x; server_max_window_bits=12; client_max_window_bits",
        "x; client_max_window_bits=8",
        "x; client_max_window_bits=11",
        "x; server_max_window_bits",
        "x; client_max_window_bits=7",
        "x; server_max_window_bits=08",
        "x; server_no_context_takeover=1",
        "x; foo=1",
        "x; server_max_window_bits=9; server_max_window_bits=9",
      ];
      for (const isServer of [true, false]) {
        for (const option of options) {
          for (const field of fields) {
            const made = new PerMessageDeflate({ ...option, isServer });
            let params: unknown;
            const failed = thrown(() => {
              params = made.accept(extension.parse(field).x);
            });
            log(isServer ? "server" : "client", option, field, failed === "nothing" ? params : failed);
          }
        }
      }
    },
  },

  "what PerMessageDeflate compresses it inflates": {
    covers: ["PerMessageDeflate"],
    sides: "server",
    async run({ server: { PerMessageDeflate }, log }) {
      for (const params of [{}, { server_no_context_takeover: [true], server_max_window_bits: ["10"] }]) {
        const server = new PerMessageDeflate({ isServer: true, threshold: 0 });
        const client = new PerMessageDeflate({});
        log("agreed", server.accept([{ ...params }]), client.accept([{ ...params }]));
        const through = (octets: Buffer, fin: boolean): Promise<Buffer> =>
          new Promise((resolve, reject) => {
            server.compress(octets, fin, (error: unknown, deflated: Buffer) => {
              if (error) return reject(error);
              client.decompress(deflated, fin, (problem: unknown, inflated: Buffer) => {
                if (problem) reject(problem);
                else resolve(inflated);
              });
            });
          });
        const texts: string[] = [];
        for (const [text, fin] of [
          ["Hello", true],
          ["Hello", true],
          ["frag", false],
          ["ment", true],
          ["", true],
        ] as const)
          texts.push(String(await through(Buffer.from(text), fin)));
        log("through", texts.slice(0, 2), texts.slice(2, 4).join(""), texts[4]);
        server.cleanup();
        client.cleanup();
      }
    },
  },

  "PerMessageDeflate with data that is none, or too much": {
    covers: ["PerMessageDeflate"],
    sides: "server",
    async run({ server: { PerMessageDeflate }, log }) {
      const made = new PerMessageDeflate({ maxPayload: 10 });
      made.accept([{}]);
      const decompress = (hex: string): Promise<unknown> =>
        new Promise((resolve) =>
          made.decompress(Buffer.from(hex, "hex"), true, (error: unknown, octets: unknown) => resolve(error ?? octets)),
        );
      log("inflated", await decompress("f248cdc9c90700"));
      log("corrupt", await decompress("ffffff"));
      log("too much", await decompress("4a4c1c05a360140c7700"));
      made.cleanup();
    },
  },
};
