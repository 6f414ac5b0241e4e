// Sentences that ws and wsimd say in words of their own. Applications that look at an error look at its class and its code; the
// few sentences that programs do read are the same in both, and stand in no row here.

type Row = readonly [meaning: string, ws: RegExp, ours: RegExp];

const rows: readonly Row[] = [
  ["closed already", /The server is not running/, /the server is closed already/],
  [
    "no address",
    /The server is operating in \\?"noServer\\?" mode/,
    /a server with the option noServer has no address/,
  ],
  ["one of three", /One and only one of the .* must be specified/, /exactly one of the options .* must be given/],
  ["method", /Invalid HTTP method/, /an upgrade is asked for with GET/],
  ["key", /Missing or invalid Sec-WebSocket-Key header/, /Sec-WebSocket-Key must be 16 octets in base64/],
  ["version", /Missing or invalid Sec-WebSocket-Version header/, /Sec-WebSocket-Version must be 13 or 8/],
  ["protocols", /Invalid Sec-WebSocket-Protocol header/, /Sec-WebSocket-Protocol must be a list of different tokens/],
  [
    "extensions",
    /Invalid (or unacceptable )?Sec-WebSocket-Extensions header/,
    /Sec-WebSocket-Extensions is malformed, or cannot be accepted|the server's Sec-WebSocket-Extensions does not fit the offer/,
  ],
  ["upgrade", /Invalid Upgrade header/, /Upgrade must be websocket|the server's Upgrade is not websocket/],
  [
    "twice",
    /server.handleUpgrade\(\) was called more than once.*misconfiguration/,
    /handleUpgrade: this socket is .* already/,
  ],
  ["scheme", /The URL's protocol must be one of .* \\?"ws\+unix:\\?"/, /the URL's scheme is none of [a-z+: ]*:/],
  ["no path", /The URL's pathname is empty/, /the URL has no path/],
  ["fragment", /The URL contains a fragment identifier/, /the URL has a fragment, .* §3\)/],
  [
    "subprotocol",
    /An invalid or duplicated subprotocol was specified/,
    /a subprotocol is a token, and there once: .* §4.1\)/,
  ],
  ["protocolVersion", /Unsupported protocol version: .* 13\)/, /protocolVersion must be 13 or 8, not .* §4.1\)/],
  ["accept", /Invalid Sec-WebSocket-Accept header/, /the server's Sec-WebSocket-Accept does not fit the key/],
  [
    "unasked protocol",
    /Server sent a subprotocol but none was requested/,
    /the server chose a subprotocol, and none was offered/,
  ],
  ["another protocol", /Server sent an invalid subprotocol/, /the server chose a subprotocol that was not offered/],
  ["no protocol", /Server sent no subprotocol/, /the server chose no subprotocol/],
  [
    "unasked extension",
    /Server sent a .* no extension was requested/,
    /the server accepted an extension, and none was offered/,
  ],
  [
    "another extension",
    /Server indicated an extension that was not requested/,
    /the server accepted an extension that was not offered/,
  ],
  [
    "fragments",
    /Too many message fragments/,
    /Invalid WebSocket frame: a message has more than .* fragments: maxFragments is passed/,
  ],
  [
    "syntax",
    /Unexpected (character at index \d+|end of input)/,
    /(Sec-WebSocket-Extensions is malformed|whitespace around a field's value).*(?=")/,
  ],
  ["syntax", /The .* subprotocol is duplicated/, /not a list of different subprotocols: .*(?=")/],
  [
    "parameter",
    /(Invalid value for parameter|Unknown parameter|Unexpected parameter|Unexpected or invalid parameter|Parameter) .*(?=")/,
    /permessage-deflate: (the parameter|client_[a-z_]+) .*(?=")/,
  ],
  ["no offer", /None of the extension offers can be accepted/, /no offer of permessage-deflate can be accepted/],
  ["gone", /The socket was closed while data was being compressed/, /the connection closed before this was sent/],
  ["frame", /(Invalid|Unsupported) WebSocket frame: [^"]*/, /Invalid WebSocket frame: [^"]*/],
  [
    "not UTF-8",
    /invalid UTF-8 sequence/,
    /a text message is not UTF-8 .*§8.1\)|a Close frame's reason is not UTF-8 .*§5.5.1\)/,
  ],
  [
    "control length",
    /The data size must not be greater than 125 bytes/,
    /a control frame has at most 125 octets .* not \d+/,
  ],
  [
    "close code",
    /First argument must be a valid error code number/,
    /a close code is 1000 to 1003, .* 4999, not [^"]*/,
  ],
  ["reason length", /The message must not be greater than 123 bytes/, /a close reason has at most 123 octets, not \d+/],
  [
    "reason kind",
    /Second argument must be a string or a Uint8Array|The \\?"string\\?" argument must be [^"]*/,
    /a close reason is a string or a Uint8Array/,
  ],
];

/** A line with each sentence replaced by what it means; the length of a body that is one goes with it. */
export function unified(line: string): string {
  let text = line;
  for (const [meaning, ws, ours] of rows) text = text.replace(ws, `<${meaning}>`).replace(ours, `<${meaning}>`);
  return /HTTP\/1\.1 (400|405)/.test(text)
    ? text.replace(/Content-Length: \d+/, "Content-Length: <of the body>")
    : text;
}
