"""An echo server on Python's websockets; see ../programs.ts for what each path does."""

import asyncio
import ssl
import sys

try:
    # The API that is in every version from 10.1 on.
    from websockets.exceptions import ConnectionClosed
    from websockets.legacy.server import serve
except ImportError:
    sys.exit("websockets is missing: apt-get install python3-websockets")


async def talk(socket):
    if socket.path == "/ping":
        await (await socket.ping("there?"))
        await socket.send("answered: there?")
    elif socket.path == "/close":
        await socket.close(4001, "voll: 満員")
    elif socket.path == "/offer":
        await socket.send(socket.request_headers.get("Sec-WebSocket-Extensions", "none"))
    async for message in socket:
        await socket.send(message)


async def handle(socket):
    try:
        await talk(socket)
    except ConnectionClosed:
        pass
    await socket.wait_closed()
    print("closed", socket.close_code, socket.close_reason, flush=True)


async def main():
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:])
    options = {"max_size": 2**26, "subprotocols": ["b.v2"], "ssl": context}
    async with serve(handle, "127.0.0.1", 0, **options) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main())
