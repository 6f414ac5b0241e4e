// The subjects by their names on the command line.

import type { Subject } from "../subject.ts";
import { undiciClient } from "./undici.ts";
import { wsClient, wsServerDefault, wsServerRaised } from "./ws.ts";
import { wsimdConnect, wsimdLoop, wsimdServer, wsimdWebSocket } from "./wsimd.ts";
import { webConnect, webServer } from "./wsimd-web.ts";

export interface NamedSubject {
  readonly subject: Subject;
  /** Our own must pass every case. */
  readonly isOurs: boolean;
  /** Whether results.json has it. */
  readonly isRecorded: boolean;
}

const ours = (subject: Subject, isRecorded = true): NamedSubject => ({ subject, isOurs: true, isRecorded });
const other = (subject: Subject): NamedSubject => ({ subject, isOurs: false, isRecorded: true });

/** In the order of the tables. */
export const subjects: Readonly<Record<string, NamedSubject>> = {
  wsimd: ours(wsimdServer("wasm")),
  "wsimd-scalar": ours(wsimdServer("scalar"), false),
  "wsimd-connect": ours(wsimdConnect("wasm")),
  "wsimd-connect-scalar": ours(wsimdConnect("scalar"), false),
  "wsimd-loop": ours(wsimdLoop("wasm")),
  "wsimd-loop-scalar": ours(wsimdLoop("scalar"), false),
  "wsimd-websocket": ours(wsimdWebSocket("wasm")),
  "wsimd-websocket-scalar": ours(wsimdWebSocket("scalar"), false),
  "wsimd-web": ours(webServer("wasm"), false),
  "wsimd-web-scalar": ours(webServer("scalar"), false),
  "wsimd-web-connect": ours(webConnect("wasm"), false),
  "wsimd-web-connect-scalar": ours(webConnect("scalar"), false),
  ws: other(wsServerDefault),
  "ws-raised": other(wsServerRaised),
  "ws-client": other(wsClient),
  undici: other(undiciClient),
};
