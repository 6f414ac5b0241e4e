// What the neutral suites use of Node's globals besides what they test, for pages. This Buffer has no slices: code under test that
// looks for Node's finds that it is not that one, and does as in any browser.

globalThis.Buffer = {
  compare: (a, b) => Number(a.length !== b.length || a.some((octet, at) => octet !== b[at])),
  from(value, ...rest) {
    if (value instanceof ArrayBuffer) return new Uint8Array(value, ...rest);
    if (typeof value !== "string") return Uint8Array.from(value);
    if (rest[0] !== "utf16le") return new TextEncoder().encode(value);
    const units = Uint16Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));
    return new Uint8Array(units.buffer);
  },
};

// A turn of the event loop, which timers are not: theirs take 4 ms when nested.
const { port1, port2 } = new MessageChannel();
const turns = [];
port1.onmessage = () => turns.shift()();
globalThis.setImmediate = (run) => {
  turns.push(run);
  port2.postMessage(null);
};

// Errors that nobody caught: of an event that somebody hears the page is not told.
const heard = { uncaughtException: [], unhandledRejection: [] };
function tell(event, names, error) {
  const hear = names.map((name) => heard[name].at(-1)).find((one) => one !== undefined);
  if (hear === undefined) return;
  event.preventDefault();
  hear(error);
}
addEventListener("error", (event) => tell(event, ["uncaughtException"], event.error));
addEventListener("unhandledrejection", (event) =>
  tell(event, ["unhandledRejection", "uncaughtException"], event.reason),
);
globalThis.process = {
  env: {},
  nextTick: (run, ...args) => queueMicrotask(() => run(...args)),
  on: (name, hear) => void heard[name].push(hear),
  off: (name, hear) => void heard[name].splice(heard[name].indexOf(hear), 1),
};
