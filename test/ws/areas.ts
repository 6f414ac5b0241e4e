// All scenarios, by the part of `ws` that they look at.

import type { Scenarios } from "./scenario.ts";
import { scenarios as clientArguments } from "./scenarios/client/arguments.ts";
import { scenarios as clientRequest } from "./scenarios/client/request.ts";
import { scenarios as clientResponses } from "./scenarios/client/responses.ts";
import { scenarios as serverClosing } from "./scenarios/server/closing.ts";
import { scenarios as serverHooks } from "./scenarios/server/hooks.ts";
import { scenarios as serverHttp } from "./scenarios/server/http.ts";
import { scenarios as serverOptions } from "./scenarios/server/options.ts";
import { scenarios as serverRequests } from "./scenarios/server/requests.ts";

export type Area = "server" | "client";

export const areas: Readonly<Record<Area, Readonly<Record<string, Scenarios>>>> = {
  server: {
    options: serverOptions,
    requests: serverRequests,
    hooks: serverHooks,
    http: serverHttp,
    closing: serverClosing,
  },
  client: { arguments: clientArguments, request: clientRequest, responses: clientResponses },
};
