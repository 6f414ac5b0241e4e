// What a WebSocket of ws's is known by: its states, what was agreed, what each side's Close said. WHATWG HTML §9.3. Names with an
// underscore are not in ws's documentation; packages look at them, and write some.

import type { ClientRequest } from "node:http";
import type { CloseReport } from "../connection/closing.ts";
import { type BinaryType, binaryTypes } from "./binary-type.ts";

import { enumerate } from "./enumerate.ts";
import { EventTargetEmitter } from "./event-target.ts";
import type { Extensions } from "./sender.ts";

export const States = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

const nothing = Buffer.alloc(0);

export abstract class WebSocketProperties extends EventTargetEmitter {
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  _binaryType: BinaryType = "nodebuffer";
  _closeCode = 1006;
  _closeMessage: Buffer = nothing;
  _extensions: Extensions = {};
  _isServer: boolean;
  _paused = false;
  _protocol = "";
  _readyState: 0 | 1 | 2 | 3 = States.CONNECTING;
  _url: string | undefined = undefined;
  _req: ClientRequest | null = null;
  /** How it closes; null while nobody does. @internal */
  protected abstract readonly _closeReport: CloseReport | null;

  /** @param isServer  whose end it is, until `setSocket` looks at it */
  constructor(isServer: boolean) {
    super();
    this._isServer = isServer;
  }

  get binaryType(): BinaryType {
    return this._binaryType;
  }

  /** What is no such type is ignored. */
  set binaryType(type: BinaryType) {
    if (binaryTypes.includes(type)) this._binaryType = type;
  }

  abstract get bufferedAmount(): number;

  /** Names of the extensions that were agreed, with commas. */
  get extensions(): string {
    return Object.keys(this._extensions).join();
  }

  get isPaused(): boolean {
    return this._paused;
  }

  get protocol(): string {
    return this._protocol;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this._readyState;
  }

  get url(): string | undefined {
    return this._url;
  }

  get _closeFrameReceived(): boolean {
    return (this._closeReport?.received ?? null) !== null;
  }

  get _closeFrameSent(): boolean {
    return (this._closeReport?.sent ?? null) !== null;
  }

  /** Whether both sides sent a Close: what `wasClean` says. */
  get _closedCleanly(): boolean {
    return this._closeFrameReceived && this._closeFrameSent;
  }
}

enumerate(WebSocketProperties.prototype, ["binaryType", "extensions", "isPaused", "protocol", "readyState", "url"]);
