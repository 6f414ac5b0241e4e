// Values of `@types/ws` where `wsimd/ws` is meant, and the other way round: programs that move in steps, and libraries that
// take a socket or a server.

import type * as theirs from "ws";
import type * as ours from "wsimd/ws";

/** Compiles where `From` can be used as `To`. */
type Goes<From extends To, To> = [From, To];

export type Both = [
  Goes<ours.WebSocket, theirs.WebSocket>,
  Goes<theirs.WebSocket, ours.WebSocket>,
  Goes<ours.ClientOptions, theirs.ClientOptions>,
  Goes<theirs.ClientOptions, ours.ClientOptions>,
  Goes<ours.PerMessageDeflateOptions, theirs.PerMessageDeflateOptions>,
  Goes<theirs.PerMessageDeflateOptions, ours.PerMessageDeflateOptions>,
  Goes<ours.RawData, theirs.RawData>,
  Goes<theirs.RawData, ours.RawData>,
  Goes<ours.Data, theirs.Data>,
  Goes<theirs.Data, ours.Data>,
  Goes<ours.MessageEvent, theirs.MessageEvent>,
  Goes<theirs.MessageEvent, ours.MessageEvent>,
  Goes<ours.CloseEvent, theirs.CloseEvent>,
  Goes<theirs.CloseEvent, ours.CloseEvent>,
  Goes<ours.ErrorEvent, theirs.ErrorEvent>,
  Goes<theirs.ErrorEvent, ours.ErrorEvent>,
  Goes<ours.VerifyClientCallbackSync, theirs.VerifyClientCallbackSync>,
  Goes<theirs.VerifyClientCallbackSync, ours.VerifyClientCallbackSync>,
  Goes<ours.VerifyClientCallbackAsync, theirs.VerifyClientCallbackAsync>,
  Goes<theirs.VerifyClientCallbackAsync, ours.VerifyClientCallbackAsync>,
  Goes<ours.AddressInfo, theirs.AddressInfo>,
  Goes<theirs.AddressInfo, ours.AddressInfo>,
];

/** Libraries ask for these: what we give them is enough. */
export type OneWay = [
  Goes<typeof ours.WebSocket, typeof theirs.WebSocket>,
  Goes<ours.WebSocketServer, theirs.WebSocketServer>,
  Goes<ours.ServerOptions, theirs.ServerOptions>,
  Goes<typeof ours.createWebSocketStream, typeof theirs.createWebSocketStream>,
  Goes<typeof theirs.createWebSocketStream, typeof ours.createWebSocketStream>,
  Goes<typeof ours, typeof theirs>,
];

// Their class lacks `Receiver` and the others, and with it their servers, which have it as an option.
// @ts-expect-error
export type ClassBack = Goes<typeof theirs.WebSocket, typeof ours.WebSocket>;
// @ts-expect-error
export type ServerBack = Goes<theirs.WebSocketServer, ours.WebSocketServer>;
// @ts-expect-error
export type ServerOptionsBack = Goes<theirs.ServerOptions, ours.ServerOptions>;
