// The types of `wsimd/ws` where it is imported: the class of ws.d.cts, and all that its namespace holds, by name.

import WebSocket = require("./ws.cjs");

export { WebSocket, WebSocket as default };

export import AddressInfo = WebSocket.AddressInfo;
export import CertMeta = WebSocket.CertMeta;
export import ClientOptions = WebSocket.ClientOptions;
export import CloseEvent = WebSocket.CloseEvent;
export import createWebSocketStream = WebSocket.createWebSocketStream;
export import Data = WebSocket.Data;
export import ErrorCode = WebSocket.ErrorCode;
export import ErrorEvent = WebSocket.ErrorEvent;
export import Event = WebSocket.Event;
export import EventListenerOptions = WebSocket.EventListenerOptions;
export import extension = WebSocket.extension;
export import FinishRequestCallback = WebSocket.FinishRequestCallback;
export import MessageEvent = WebSocket.MessageEvent;
export import PerMessageDeflate = WebSocket.PerMessageDeflate;
export import PerMessageDeflateOptions = WebSocket.PerMessageDeflateOptions;
export import RawData = WebSocket.RawData;
export import Receiver = WebSocket.Receiver;
export import Sender = WebSocket.Sender;
export import SendOptions = WebSocket.SendOptions;
export import Server = WebSocket.Server;
export import ServerOptions = WebSocket.ServerOptions;
export import subprotocol = WebSocket.subprotocol;
export import VerifyClientCallbackAsync = WebSocket.VerifyClientCallbackAsync;
export import VerifyClientCallbackSync = WebSocket.VerifyClientCallbackSync;
export import WebSocketEventMap = WebSocket.WebSocketEventMap;
export import WebSocketEvents = WebSocket.WebSocketEvents;
export import WebSocketServer = WebSocket.WebSocketServer;
export import WebSocketServerEvents = WebSocket.WebSocketServerEvents;
