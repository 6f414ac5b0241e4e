// The page of `wsimd echo`: one file without external parts. The style and the script stand apart so that the server can
// name their hashes in its Content-Security-Policy. Written for browsers as they are: no build step touches it.

export const pageStyle: string = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #ffffff; --ink: #1b2330; --soft: #566173; --line: #d5dae2; --field: #ffffff;
  --accent: #1f5fd6; --on-accent: #ffffff; --good: #137a3f; --bad: #b3261e; --wait: #8a5a00;
  --sent: #1f5fd6; --received: #137a3f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161d; --card: #1a2029; --ink: #e7ebf1; --soft: #a3adbc; --line: #323b49; --field: #12161d;
    --accent: #8ab4ff; --on-accent: #0d1a30; --good: #6fd397; --bad: #ff9d94; --wait: #f0c064;
    --sent: #8ab4ff; --received: #6fd397;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 50rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.01em; }
h2 { margin: 0; font-size: 1.1rem; }
code, .payload, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .9em; }
.lead { margin: .4rem 0 1.2rem; color: var(--soft); overflow-wrap: anywhere; }
.status {
  display: inline-flex; align-items: center; gap: .5rem; margin: 0; padding: .25rem .8rem;
  border: 1px solid var(--line); border-radius: 2rem; background: var(--card); font-weight: 600; font-size: .95rem;
}
.status::before { content: ""; width: .65rem; height: .65rem; border-radius: 50%; background: var(--wait); }
.status[data-state="open"]::before { background: var(--good); }
.status[data-state="closed"]::before { background: var(--bad); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin-bottom: 1rem; }
.forms { display: grid; gap: 1rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: flex-end; margin: 0; }
.field { flex: 1 1 14rem; min-width: 0; }
.field.short { flex: 0 1 9rem; }
.field.half:not(.short) { flex: 1 1 8rem; }
label { display: block; margin-bottom: .2rem; font-size: .875rem; font-weight: 600; color: var(--soft); }
input {
  width: 100%; min-height: 2.75rem; padding: .4rem .7rem; font: inherit; color: inherit;
  background: var(--field); border: 1px solid var(--line); border-radius: .5rem;
}
button {
  min-height: 2.75rem; min-width: 9.5rem; padding: .4rem 1rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem;
}
button.plain { min-width: 0; min-height: 2.25rem; color: var(--ink); background: transparent; border-color: var(--line); }
button.second { color: var(--accent); background: transparent; }
button:disabled { opacity: .45; cursor: not-allowed; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.mistake { margin: 0; color: var(--bad); font-weight: 600; }
.mistake:empty { display: none; }
.bar { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
.totals { margin: .25rem 0 .75rem; color: var(--soft); font-size: .9rem; font-variant-numeric: tabular-nums; }
ol { list-style: none; margin: 0; padding: 0; max-height: 26rem; overflow-y: auto; border-top: 1px solid var(--line); }
li { display: grid; grid-template-columns: 6rem 1fr auto; gap: 0 .75rem; padding: .5rem .25rem; border-bottom: 1px solid var(--line); }
.way { font-weight: 700; }
.sent .way { color: var(--sent); }
.received .way { color: var(--received); }
.event .way { color: var(--soft); }
.time { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.kind { color: var(--soft); }
.payload { grid-column: 2 / -1; overflow-wrap: anywhere; white-space: pre-wrap; }
.payload:empty { display: none; }
.empty { padding: 1rem .25rem; color: var(--soft); margin: 0; }
ol:not(:empty) + .empty { display: none; }
footer { color: var(--soft); font-size: .9rem; }
@media (max-width: 34rem) {
  .field, .field.short { flex: 1 1 8rem; }
  button:not(.plain) { min-width: 8.25rem; }
  .half:not(.plain) { flex: 1 1 40%; min-width: 0; }
  li { grid-template-columns: 5.1rem 1fr auto; column-gap: .4rem; font-size: .95rem; }
  .payload { grid-column: 1 / -1; }
}
`;

export const pageScript: string = String.raw`
"use strict";
const SHOWN_ENTRIES = 200, SHOWN_CHARACTERS = 500, SHOWN_OCTETS = 64;
const at = (id) => document.getElementById(id);
const address = (location.protocol === "https:" ? "wss:" : "ws:") + "//" + location.host + "/";
const closeNames = {
  1000: "normal closure", 1001: "going away", 1002: "protocol error", 1005: "no code was sent",
  1006: "no Close frame came", 1007: "invalid text", 1008: "policy violation", 1009: "message too big", 1011: "server error",
};
const number = (value) => value.toLocaleString("en");
const counted = (count, noun) => number(count) + " " + noun + (count === 1 ? "" : "s");
const milliseconds = (value) => (value < 10 ? value.toFixed(1) : Math.round(value)) + " ms";

let socket = null;
let waiting = []; // what was sent and has not come back: an echo keeps the order
let next = 0; // of waiting
let sentCount = 0, receivedCount = 0;

function show(way, kind, payload, time) {
  const item = document.createElement("li");
  item.className = way === "sent" || way === "received" ? way : "event";
  for (const [name, text] of [["way", way], ["kind", kind], ["time", time || ""], ["payload", payload || ""]]) {
    const part = document.createElement("span");
    part.className = name;
    part.textContent = text;
    item.append(part);
  }
  const log = at("log");
  log.prepend(item);
  if (log.childElementCount > SHOWN_ENTRIES) log.lastElementChild.remove();
  total();
}

function total() {
  at("totals").textContent = number(sentCount) + " sent, " + number(receivedCount) + " received; newest first";
}

function preview(data) {
  if (typeof data === "string") {
    return data.length > SHOWN_CHARACTERS ? data.slice(0, SHOWN_CHARACTERS) + " …" : data;
  }
  const octets = new Uint8Array(data);
  const hex = Array.from(octets.subarray(0, SHOWN_OCTETS), (octet) => octet.toString(16).padStart(2, "0")).join(" ");
  return octets.length > SHOWN_OCTETS ? hex + " …" : hex;
}

function kindOf(data) {
  if (typeof data !== "string") return "binary, " + counted(data.byteLength, "octet");
  return "text, " + counted(new TextEncoder().encode(data).length, "octet");
}

function setState(state, text) {
  at("status").dataset.state = state;
  at("status").textContent = text;
  for (const button of document.querySelectorAll("[data-needs]")) button.disabled = button.dataset.needs !== state;
}

function connect() {
  setState("connecting", "Connecting");
  waiting = [];
  next = 0;
  const mine = new WebSocket(address);
  mine.binaryType = "arraybuffer";
  mine.onopen = () => {
    setState("open", "Connected");
    show("opened", address);
  };
  mine.onmessage = ({ data }) => received(data, performance.now());
  mine.onclose = ({ code, reason }) => {
    setState("closed", "Closed, code " + code);
    const name = closeNames[code];
    show("closed", "code " + code + (name ? ", " + name : ""), reason);
  };
  socket = mine;
}

function received(data, now) {
  receivedCount++;
  const sent = waiting[next++];
  if (next === waiting.length) {
    waiting = [];
    next = 0;
  }
  if (!sent) return show("received", kindOf(data), preview(data));
  if (!sent.burst) return show("received", kindOf(data), preview(data), milliseconds(now - sent.at));
  const burst = sent.burst;
  if (++burst.receivedCount !== burst.count) return;
  const took = now - sent.at;
  const rate = took > 0 ? ", " + number(Math.round((burst.count / took) * 1000)) + " a second" : "";
  show("received", counted(burst.count, "message") + rate, "the last: " + preview(data), milliseconds(took));
}

function send(data) {
  show("sent", kindOf(data), preview(data));
  sentCount++;
  waiting.push({ at: performance.now() });
  socket.send(data);
  total();
}

function sendMany(text, count) {
  const burst = { count, receivedCount: 0 };
  show("sent", counted(count, "message") + " at once", "each: " + preview(text) + " and its number");
  sentCount += count;
  const entry = { at: performance.now(), burst };
  for (let index = 1; index <= count; index++) {
    waiting.push(entry);
    socket.send(text + " " + index);
  }
  total();
}

function octetsOf(hex) {
  const digits = hex.replace(/0x|[\s,:]/gi, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error("Binary is written as pairs of hex digits, such as 00 7f ff.");
  return Uint8Array.from(digits.match(/../g) || [], (pair) => parseInt(pair, 16));
}

function onSubmit(id, run) {
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    at("mistake").textContent = "";
    try {
      run();
    } catch (error) {
      at("mistake").textContent = error.message;
    }
  });
}

onSubmit("text-form", () => send(at("text").value));
onSubmit("many-form", () => sendMany(at("text").value, Number(at("count").value)));
onSubmit("binary-form", () => send(octetsOf(at("octets").value).buffer));
onSubmit("close-form", () => {
  const code = Number(at("code").value);
  if (code !== 1000 && (code < 3000 || code > 4999)) throw new Error("A page may close with 1000, or 3000 to 4999.");
  if (new TextEncoder().encode(at("reason").value).length > 123) throw new Error("A reason has at most 123 octets.");
  socket.close(code, at("reason").value);
  setState("closing", "Closing");
});
at("connect").addEventListener("click", connect);
at("clear").addEventListener("click", () => at("log").replaceChildren());
at("address").textContent = address;
total();
connect();
`;

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' " +
  "rx='7' fill='%231f5fd6'/%3E%3Cpath d='M7 12h16l-4-4M25 20H9l4 4' fill='none' stroke='white' stroke-width='3'/%3E%3C/svg%3E";

export const echoPage: string = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wsimd echo</title>
<link rel="icon" href="${icon}">
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
  <h1>wsimd echo</h1>
  <p class="status" id="status" role="status" data-state="connecting">Connecting</p>
</header>
<p class="lead">Every message sent to <code id="address"></code> comes back as it was.</p>

<section class="card forms" aria-label="Send">
  <form id="text-form">
    <div class="field"><label for="text">Text</label><input id="text" autocomplete="off" value="Hello, Grüße, 你好, 👋"></div>
    <button data-needs="open" disabled>Send text</button>
  </form>
  <form id="many-form">
    <div class="field"><label for="count">How many at once</label><input id="count" type="number" inputmode="numeric" min="1" max="100000" value="1000" required></div>
    <button class="second" data-needs="open" disabled>Send many</button>
  </form>
  <form id="binary-form">
    <div class="field"><label for="octets">Binary, in hex</label><input id="octets" class="mono" autocomplete="off" spellcheck="false" value="00 01 7f 80 ff"></div>
    <button class="second" data-needs="open" disabled>Send binary</button>
  </form>
  <form id="close-form">
    <div class="field short half"><label for="code">Close code</label><input id="code" type="number" inputmode="numeric" min="1000" max="4999" value="1000" required></div>
    <div class="field half"><label for="reason">Reason</label><input id="reason" autocomplete="off" value="done"></div>
    <button class="second half" data-needs="open" disabled>Close</button>
    <button type="button" class="second half" id="connect" data-needs="closed" disabled>Connect</button>
  </form>
  <p class="mistake" id="mistake" role="alert"></p>
</section>

<section class="card" aria-labelledby="frames">
  <div class="bar"><h2 id="frames">Messages</h2><button type="button" class="plain" id="clear">Clear</button></div>
  <p class="totals" id="totals"></p>
  <ol id="log" role="log" aria-labelledby="frames" tabindex="0"></ol>
  <p class="empty">Nothing yet.</p>
</section>

<footer>The time beside a message is its round trip. Ping and pong are not for pages: the browser answers this server's pings by itself.</footer>
</main>
<script>${pageScript}</script>
</body>
</html>
`;
