"""python3-aiohttp as a client of an echo: aiohttp_client.py URL CASE [ARGUMENT ...]

It offers permessage-deflate unless the URL ends with "?uncompressed". Prints one line of JSON that says what it saw; ends with 1 and a sentence when that isn't what a client may expect.
"""

import asyncio
import json
import sys

import aiohttp
from aiohttp import WSMsgType

from payload import payload

# The library says 0 where a Close frame has no status.
NO_STATUS = 1005


def check(truth, text):
    if not truth:
        sys.exit(text)


async def leave(socket, result, code=1000, reason=""):
    await socket.close(code=code, message=reason.encode())
    # The library keeps the status of the answer, and not its reason.
    return {**result, "code": socket.close_code or NO_STATUS, "reason": ""}


async def send(socket, message):
    await (socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message))


async def receive(socket):
    message = await socket.receive()
    check(message.type in (WSMsgType.TEXT, WSMsgType.BINARY), f"Instead of a message came {message}.")
    return message.data


async def echo(socket, kind, size):
    message = payload(kind, int(size))
    await send(socket, message)
    answer = await receive(socket)
    check(answer == message, f"The echo of a {kind} message of {size} bytes is another, of length {len(answer)}.")
    return await leave(socket, {"bytes": int(size), "extensions": "permessage-deflate" if socket.compress else ""})


async def pipelined(socket, count):
    messages = [f"message {i}" for i in range(int(count))]

    async def send_all():
        for message in messages:
            await socket.send_str(message)

    sending = asyncio.create_task(send_all())
    replies = [await receive(socket) for _ in messages]
    await sending
    check(replies == messages, "The echoes are not in order.")
    return await leave(socket, {"messages": len(replies)})


async def ping(socket, size):
    sent = payload("binary", int(size))
    await socket.ping(sent)
    answer = await asyncio.wait_for(socket.receive(), 10)
    check(answer.type == WSMsgType.PONG, f"Instead of a pong came {answer}.")
    check(answer.data == sent, f"The pong of {size} bytes has {len(answer.data)}.")
    return await leave(socket, {"bytes": len(answer.data)})


async def subprotocol(socket, *_):
    return await leave(socket, {"subprotocol": socket.protocol or ""})


async def close(socket, code="", reason=""):
    if code:
        return await leave(socket, {}, int(code), reason)
    # The library always sends a code; an empty Close frame needs the level below.
    await socket._writer._send_frame(b"", WSMsgType.CLOSE)
    answer = await socket.receive()
    check(answer.type == WSMsgType.CLOSE, f"Instead of a Close came {answer}.")
    return {"code": answer.data or NO_STATUS, "reason": answer.extra or ""}


async def main(url, name, *args):
    options = {
        "autoping": name != "ping",
        "compress": 0 if url.endswith("?uncompressed") else 15,
        "max_msg_size": 64 * 1024 * 1024,
        "protocols": args if name == "subprotocol" else (),
    }
    async with aiohttp.ClientSession() as session, session.ws_connect(url, **options) as socket:
        print(json.dumps(await globals()[name](socket, *args)))


asyncio.run(main(*sys.argv[1:]))
