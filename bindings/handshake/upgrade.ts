// The two fields that turn HTTP into something else: Upgrade and Connection. Knows neither role.

import { endOfToken, isToken, splitList } from "./grammar.ts";
import type { HeaderFields } from "./headers.ts";

/** Upgrade = 1#( token [ "/" token ] ); one must be `websocket`, in any case, without a version. RFC 9110 §7.8. */
export function includesWebsocket(headers: HeaderFields): boolean {
  return includes(headers.get("upgrade"), "websocket", isUpgradeProtocol);
}

/** Connection = 1#token; one must be `upgrade`, in any case. RFC 9110 §7.6.1. */
export function includesUpgrade(headers: HeaderFields): boolean {
  return includes(headers.get("connection"), "upgrade", isToken);
}

function isUpgradeProtocol(text: string): boolean {
  const nameEnd = endOfToken(text, 0);
  if (nameEnd === 0) return false;
  return nameEnd === text.length || (text[nameEnd] === "/" && isToken(text.slice(nameEnd + 1)));
}

/** Empty elements are skipped, as RFC 9110 §5.6.1.2 wants; any other that is malformed spoils the list. */
function includes(value: string | null, wanted: string, isElement: (text: string) => boolean): boolean {
  if (value === null) return false;
  let found = false;
  for (const element of splitList(value)) {
    if (element === "") continue;
    if (!isElement(element)) return false;
    if (element.toLowerCase() === wanted) found = true;
  }
  return found;
}
