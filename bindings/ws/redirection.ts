// Which of an application's fields go with a client that is sent elsewhere. RFC 9110 §15.4: what was meant for one host is not
// given to another, nor sent in the clear after TLS. An application that listens for `redirect` decides that itself.

import type { OutgoingHttpHeaders } from "node:http";
import type { Address } from "./address.ts";

/** Fields that are meant for one host. */
const credentials: ReadonlySet<string> = new Set(["authorization", "cookie"]);

export class Redirection {
  /** How often it was sent elsewhere. */
  count = 0;
  private readonly first: Address;
  private readonly headers: OutgoingHttpHeaders;
  private readonly auth: string | undefined;

  /** @param auth  user and password of the options; the address's go before them */
  constructor(first: Address, headers: OutgoingHttpHeaders, auth: string | undefined) {
    this.first = first;
    this.headers = headers;
    this.auth = first.auth ?? auth;
  }

  /** The fields of a request, and the user and password of those that have none in their fields. */
  fieldsFor(
    address: Address,
    isGuarded: boolean,
  ): { readonly headers: OutgoingHttpHeaders; readonly auth: string | undefined } {
    const { count, first, headers } = this;
    if (count === 0) return { headers, auth: this.auth };
    const isSamePlace = address.place === first.place;
    const isSafe = isSamePlace && (address.isSecure || !first.isSecure);
    if (!isGuarded || isSafe) return { headers, auth: this.auth ?? address.auth };
    const kept = Object.entries(headers).filter(([name]) => {
      const field = name.toLowerCase();
      return !credentials.has(field) && (isSamePlace || field !== "host");
    });
    return { headers: Object.fromEntries(kept), auth: undefined };
  }
}
