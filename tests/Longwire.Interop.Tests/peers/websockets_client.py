"""python3-websockets as a client of an echo: websockets_client.py URL CASE [ARGUMENT ...]

It offers permessage-deflate unless the URL ends with "?uncompressed". Prints one line of JSON that says what it saw; ends with 1 and a sentence when that isn't what a client may expect.
"""

import asyncio
import json
import sys

import websockets

from payload import payload


def check(truth, text):
    if not truth:
        sys.exit(text)


def parts(message, count):
    part = -(-len(message) // count)
    return [message[i * part : (i + 1) * part] for i in range(count)]


async def leave(socket, result):
    await socket.close(1000)
    return {**result, "code": socket.close_code, "reason": socket.close_reason}


async def echo(socket, kind, size):
    message = payload(kind, int(size))
    await socket.send(message)
    answer = await socket.recv()
    check(answer == message, f"The echo of a {kind} message of {size} bytes is another, of length {len(answer)}.")
    return await leave(socket, {"bytes": int(size), "extensions": ",".join(extension.name for extension in socket.extensions)})


async def pipelined(socket, count):
    messages = [f"message {i}" for i in range(int(count))]

    async def send():
        for message in messages:
            await socket.send(message)

    sending = asyncio.create_task(send())
    replies = [await socket.recv() for _ in messages]
    await sending
    check(replies == messages, "The echoes are not in order.")
    return await leave(socket, {"messages": len(replies)})


async def fragments(socket, kind, size, count):
    message = payload(kind, int(size))

    async def between():
        for i, part in enumerate(parts(message, int(count))):
            yield part
            if i == 0:
                # A ping between the fragments is answered before the message is whole.
                await asyncio.wait_for(await socket.ping("between"), 10)

    await socket.send(between())
    answer = await socket.recv()
    check(answer == message, f"The echo of {count} fragments is another, of length {len(answer)}.")
    return await leave(socket, {"bytes": int(size)})


async def ping(socket, size):
    # The library itself compares the pong's payload with the ping's.
    await asyncio.wait_for(await socket.ping(payload("binary", int(size))), 10)
    return await leave(socket, {"bytes": int(size)})


async def subprotocol(socket, *_):
    return await leave(socket, {"subprotocol": socket.subprotocol or ""})


async def close(socket, code="", reason=""):
    if code:
        await socket.close(int(code), reason)
    else:
        # The library always sends a code; an empty Close frame needs the level below.
        await socket.write_frame(True, 8, b"")
        await socket.wait_closed()
    return {"code": socket.close_code, "reason": socket.close_reason}


async def main(url, name, *args):
    compression = None if url.endswith("?uncompressed") else "deflate"
    limits = {"max_size": 64 * 1024 * 1024, "open_timeout": 60, "close_timeout": 60}
    subprotocols = args if name == "subprotocol" else None
    async with websockets.connect(url, compression=compression, subprotocols=subprotocols, **limits) as socket:
        print(json.dumps(await globals()[name](socket, *args)))


asyncio.run(main(*sys.argv[1:]))
