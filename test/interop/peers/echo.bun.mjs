// An echo server on Bun's own WebSockets; see ../programs.ts for what each path does.

const [certificate, key] = Bun.argv.slice(2);

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  ...(certificate === undefined ? {} : { tls: { cert: Bun.file(certificate), key: Bun.file(key) } }),
  fetch(request, server) {
    const offeredProtocols = request.headers.get("Sec-WebSocket-Protocol")?.split(/\s*,\s*/) ?? [];
    const upgraded = server.upgrade(request, {
      data: { path: new URL(request.url).pathname, extensions: request.headers.get("Sec-WebSocket-Extensions") },
      // Left out, it would be the first that the client offers.
      headers: { "Sec-WebSocket-Protocol": offeredProtocols.includes("b.v2") ? "b.v2" : "" },
    });
    return upgraded ? undefined : new Response("a WebSocket is wanted", { status: 426 });
  },
  websocket: {
    maxPayloadLength: 2 ** 26,
    backpressureLimit: 2 ** 26,
    perMessageDeflate: true,
    open(socket) {
      const { path, extensions } = socket.data;
      if (path === "/ping") socket.ping("there?");
      else if (path === "/close") socket.close(4001, "voll: 満員");
      else if (path === "/offer") socket.send(extensions ?? "none");
    },
    message: (socket, message) => void socket.send(message),
    pong: (socket, data) => void socket.send(`answered: ${data}`),
    close: (_socket, code, reason) => console.log(`closed ${code} ${reason}`),
  },
});

console.log(server.port);
