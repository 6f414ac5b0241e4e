// All scenarios, by the part of `ws` that they look at.

import type { Scenarios } from "./scenario.ts";
import { scenarios as clientArguments } from "./scenarios/client/arguments.ts";
import { scenarios as clientRequest } from "./scenarios/client/request.ts";
import { scenarios as clientResponses } from "./scenarios/client/responses.ts";
import { scenarios as closingControl } from "./scenarios/closing/control.ts";
import { scenarios as closingHandshake } from "./scenarios/closing/handshake.ts";
import { scenarios as closingViolations } from "./scenarios/closing/violations.ts";
import { scenarios as deflateMessages } from "./scenarios/deflate/messages.ts";
import { scenarios as deflateNegotiation } from "./scenarios/deflate/negotiation.ts";
import { scenarios as eventsFaults } from "./scenarios/events/faults.ts";
import { scenarios as eventsTarget } from "./scenarios/events/target.ts";
import { scenarios as exportedDeflate } from "./scenarios/exported/deflate.ts";
import { scenarios as exportedHeaders } from "./scenarios/exported/headers.ts";
import { scenarios as exportedReceiver } from "./scenarios/exported/receiver.ts";
import { scenarios as exportedSender } from "./scenarios/exported/sender.ts";
import { scenarios as internalsMembers } from "./scenarios/internals/members.ts";
import { scenarios as messagesLimits } from "./scenarios/messages/limits.ts";
import { scenarios as messagesReceiving } from "./scenarios/messages/receiving.ts";
import { scenarios as messagesSending } from "./scenarios/messages/sending.ts";
import { scenarios as serverClosing } from "./scenarios/server/closing.ts";
import { scenarios as serverHooks } from "./scenarios/server/hooks.ts";
import { scenarios as serverHttp } from "./scenarios/server/http.ts";
import { scenarios as serverOptions } from "./scenarios/server/options.ts";
import { scenarios as serverRequests } from "./scenarios/server/requests.ts";
import { scenarios as streamStream } from "./scenarios/stream/stream.ts";

export type Area =
  | "server"
  | "client"
  | "messages"
  | "closing"
  | "events"
  | "stream"
  | "deflate"
  | "exported"
  | "internals";

export const areas: Readonly<Record<Area, Readonly<Record<string, Scenarios>>>> = {
  server: {
    closing: serverClosing,
    hooks: serverHooks,
    http: serverHttp,
    options: serverOptions,
    requests: serverRequests,
  },
  client: { arguments: clientArguments, request: clientRequest, responses: clientResponses },
  messages: { limits: messagesLimits, receiving: messagesReceiving, sending: messagesSending },
  closing: { control: closingControl, handshake: closingHandshake, violations: closingViolations },
  events: { faults: eventsFaults, target: eventsTarget },
  stream: { stream: streamStream },
  deflate: { messages: deflateMessages, negotiation: deflateNegotiation },
  exported: { deflate: exportedDeflate, headers: exportedHeaders, receiver: exportedReceiver, sender: exportedSender },
  internals: { members: internalsMembers },
};
