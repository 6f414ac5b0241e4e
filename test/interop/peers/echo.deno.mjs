// An echo server on Deno's own WebSockets; see ../programs.ts for what each path does. An application cannot send a ping
// there: on /ping the server sends its own, after a second of silence each, and gives up if one is not answered.

const [certificate, key] = Deno.args;
const tls =
  certificate === undefined ? {} : { cert: Deno.readTextFileSync(certificate), key: Deno.readTextFileSync(key) };

Deno.serve({ hostname: "127.0.0.1", port: 0, ...tls, onListen: ({ port }) => console.log(port) }, (request) => {
  const path = new URL(request.url).pathname;
  const offeredExtensions = request.headers.get("Sec-WebSocket-Extensions") ?? "none";
  const offeredProtocols = request.headers.get("Sec-WebSocket-Protocol")?.split(/\s*,\s*/) ?? [];
  const { socket, response } = Deno.upgradeWebSocket(request, {
    ...(offeredProtocols.includes("b.v2") ? { protocol: "b.v2" } : {}),
    idleTimeout: path === "/ping" ? 1 : 0,
  });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => {
    if (path === "/close") socket.close(4001, "voll: 満員");
    else if (path === "/offer") socket.send(offeredExtensions);
  };
  socket.onmessage = ({ data }) => socket.send(data);
  socket.onclose = ({ code, reason }) => console.log(`closed ${code} ${reason}`);
  return response;
});
