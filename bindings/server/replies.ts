// How answers get onto the wire over HTTP/1.1: octets on a link, which is half-closed behind a refusal and drained, so that
// the peer can read why. node/http2-replies.ts does it over HTTP/2. Neither knows what is answered.

import { type AcceptedHandshake, serializeResponse } from "../handshake/index.ts";
import type { Link } from "../socket/link.ts";
import type { Answer } from "./http-answer.ts";

/** How a kind of link is answered. */
export interface Replies {
  /** Says that the handshake is accepted: what is written from here on is frames. */
  accept(link: Link, accepted: AcceptedHandshake): void;
  /**
   * Answers and half-closes.
   *
   * @param sent  called once nothing of the answer is held, sent or not
   * @returns     octets that may be held until then
   */
  answer(link: Link, answer: Answer, sent: () => void): number;
}

export const http1Replies: Replies = {
  accept(link, accepted) {
    link.say(serializeResponse(accepted));
  },
  answer(link, { httpStatus, headers, content }, sent) {
    const head = serializeResponse({ httpStatus, headers });
    const octets = new Uint8Array(head.length + content.length);
    octets.set(head);
    octets.set(content, head.length);
    link.conclude(octets, sent);
    return octets.length;
  },
};
