// The application's answers to plain HTTP: those that fail, those that are promised, and those that take their time.

import * as assert from "uvu/assert";
import { HandshakeError } from "../../bindings/index.ts";
import { Clock, type HttpResponse } from "../../bindings/node/index.ts";
import { serverSuite } from "./server-suite.ts";
import { ask, deferred, FakeTimers, RawClient, turns, withServer } from "./support.ts";

const plain = "GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
const test = serverSuite("requests");

test("a handler that throws or rejects is answered 500, whatever status its error has, and serverError is told", async () => {
  const faults = [
    new Error("plain"),
    new HandshakeError("WS_MOVED", "elsewhere", 302),
    new HandshakeError("WS_OK", "no refusal", 200),
    new HandshakeError("WS_NONE", "no status at all", 0),
    new HandshakeError("WS_LATE", "no such class", 600),
  ];
  for (const fault of faults) {
    for (const isAsync of [false, true]) {
      const told: unknown[] = [];
      const request = (): Promise<HttpResponse> => {
        if (isAsync) return Promise.reject(fault);
        throw fault;
      };
      await withServer({ request, serverError: (error) => told.push(error) }, async ({ port }) => {
        const { httpStatus, head } = await ask(port, plain);
        assert.is(httpStatus, 500, `${fault.message}, ${isAsync ? "rejected" : "thrown"}`);
        assert.match(head, /^Content-Length: 0\r$/m);
        assert.equal(told, [fault]);
      });
    }
  }
});

test("a handler may refuse with a HandshakeError of a client's or a server's fault", async () => {
  for (const httpStatus of [403, 404, 503]) {
    for (const isAsync of [false, true]) {
      const told: unknown[] = [];
      const request = (): Promise<HttpResponse> => {
        const fault = new HandshakeError("WS_REFUSED", "refused", httpStatus);
        if (isAsync) return Promise.reject(fault);
        throw fault;
      };
      await withServer({ request, serverError: (error) => told.push(error) }, async ({ port }) => {
        assert.is((await ask(port, plain)).httpStatus, httpStatus);
        assert.equal(told, []);
      });
    }
  }
});

test("whatever has a then is awaited: it need not be a Promise of this realm", async () => {
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
  const thenable = { then: (resolve: (value: HttpResponse) => void) => void resolve({ body: "from afar" }) };
  const request = (): Promise<HttpResponse> => thenable as unknown as Promise<HttpResponse>;
  const told: unknown[] = [];
  await withServer({ request, serverError: (error) => told.push(error) }, async ({ port }) => {
    const { httpStatus, body } = await ask(port, plain);
    assert.equal([httpStatus, body], [200, "from afar"]);
    assert.equal(told, []);
  });
});

test("an answer that is promised and cannot be sent is 500", async () => {
  const told: unknown[] = [];
  const request = async (): Promise<HttpResponse> => ({ httpStatus: 101 });
  await withServer({ request, serverError: (error) => told.push(error) }, async ({ port }) => {
    assert.is((await ask(port, plain)).httpStatus, 500);
    assert.is((told[0] as { code: string }).code, "WS_ARGUMENT");
  });
});

test("handshakeTimeoutMs is the time for the head: a handler may take longer", async () => {
  const timers = new FakeTimers();
  const asked = deferred();
  const answer = deferred<HttpResponse>();
  const options = {
    clock: new Clock(timers),
    handshakeTimeoutMs: 1000,
    closeTimeoutMs: 2000,
    request() {
      asked.resolve();
      return answer.promise;
    },
  };
  await withServer(options, async ({ port }) => {
    const client = new RawClient(port);
    client.send(plain);
    await asked.promise;
    timers.advance(60_000);
    await turns();
    assert.is(client.isClosed, false);
    answer.resolve({ body: "at last" });
    assert.is((await client.answer()).body, "at last");
    client.destroy();
  });
});

test("serverError left out is a warning of the process, whatever was thrown", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on("warning", listen);
  try {
    for (const fault of [new Error("the application's own"), "no error at all"]) {
      const request = (): never => {
        throw fault;
      };
      await withServer({ request }, async ({ port }) => {
        assert.is((await ask(port, plain)).httpStatus, 500);
      });
    }
    await turns();
  } finally {
    process.off("warning", listen);
  }
  assert.equal(
    warnings.map(({ message }) => message),
    ["the application's own", "no error at all"],
  );
});

test.run();
