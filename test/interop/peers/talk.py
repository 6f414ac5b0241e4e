"""The conversation of talk.mjs, through Python's websockets: prints "ok STEP" or "differs STEP: how" for each step."""

import asyncio
import sys

try:
    # The API that is in every version from 10.1 on.
    from websockets.exceptions import ConnectionClosed
    from websockets.legacy.client import connect
except ImportError:
    sys.exit("websockets is missing: apt-get install python3-websockets")

BASE = sys.argv[1]
TEXTS = ["", "Hello", "Grüße aus Köln", "Привет", "你好，世界", "שלום", "👋🏽 𝒜 𠜎", "a \ufeff b", "é" * 2**19]
LENGTHS = [0, 1, 125, 126, 65_535, 65_536, 2**22]
MESSAGE_COUNT = 1000


def same(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r:.100} in place of {expected!r:.100}")


def client(path, **options):
    return connect(BASE + path, max_size=2**26, **options)


async def ended(socket):
    """What the connection closed with."""
    try:
        while True:
            await socket.recv()
    except ConnectionClosed:
        return socket.close_code, socket.close_reason


async def text():
    async with client("/") as socket:
        for message in TEXTS:
            await socket.send(message)
            same(await socket.recv(), message, "text")


async def binary():
    async with client("/") as socket:
        for length in LENGTHS:
            sent = bytes((index * 7 + (index >> 8)) & 255 for index in range(length))
            await socket.send(sent)
            same(await socket.recv(), sent, f"{length} octets")


async def many():
    async with client("/") as socket:
        sending = asyncio.ensure_future(send_many(socket))
        for index in range(MESSAGE_COUNT):
            same(await socket.recv(), f"message {index}", "message")
        await sending


async def send_many(socket):
    for index in range(MESSAGE_COUNT):
        await socket.send(f"message {index}")


async def extensions():
    async with client("/") as socket:
        same(socket.extensions, [], "extensions")


async def a_subprotocol():
    async with client("/", subprotocols=["a", "b.v2"]) as socket:
        same(socket.subprotocol, "b.v2", "protocol")


async def no_subprotocol():
    async with client("/") as socket:
        same(socket.subprotocol, None, "protocol")


async def the_server_pings():
    async with client("/ping") as socket:
        same(await socket.recv(), "answered: there?", "what the server says of the pong")


async def the_client_pings():
    async with client("/") as socket:
        await (await socket.ping("still there?"))


async def the_client_closes():
    async with client("/") as socket:
        await socket.close(4321, "bis bald 👋")
        same(socket.close_code, 4321, "code")


async def the_server_closes():
    async with client("/close") as socket:
        same(await ended(socket), (4001, "voll: 満員"), "code and reason")


async def the_server_drops_the_connection():
    async with client("/drop") as socket:
        await socket.send("drop me")
        same((await ended(socket))[0], 1006, "code")


async def main():
    failed = 0
    for step in (
        text,
        binary,
        many,
        extensions,
        a_subprotocol,
        no_subprotocol,
        the_server_pings,
        the_client_pings,
        the_client_closes,
        the_server_closes,
        the_server_drops_the_connection,
    ):
        name = step.__name__.replace("_", " ")
        try:
            await step()
            print("ok", name, flush=True)
        except Exception as error:
            failed = 1
            print(f"differs {name}: {type(error).__name__}: {error}", flush=True)
    return failed


sys.exit(asyncio.run(main()))
