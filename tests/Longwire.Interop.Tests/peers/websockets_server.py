"""python3-websockets as an echo server on loopback. Prints "listening PORT", and for each connection
"subprotocol NAME", "opened EXTENSIONS" and "closed CODE REASON". It speaks "superchat" and "chat", and insists on none.

A text message that begins with "!" is an order: !close CODE REASON, !end, !ping TEXT, !fragments COUNT SIZE.
"""

import asyncio

import websockets

from payload import payload


async def close(socket, code="", *reason):
    if code:
        await socket.close(int(code), " ".join(reason))
    else:
        # The library always sends a code; an empty Close frame needs the level below.
        await socket.write_frame(True, 8, b"")


async def end(socket):
    socket.transport.abort()


async def ping(socket, text):
    async def answer():
        await (await socket.ping(text))
        await socket.send(f"pong {text}")

    # The pong is read by the same connection, so this must not wait for it here.
    socket.waiting = asyncio.create_task(answer())


async def fragments(socket, count, size):
    message = payload("text", int(size))
    part = -(-len(message) // int(count))

    async def pieces():
        for i in range(int(count)):
            yield message[i * part : (i + 1) * part]
            await socket.ping()

    await socket.send(pieces())


ORDERS = {"close": close, "end": end, "ping": ping, "fragments": fragments}


async def serve(socket):
    print("subprotocol", socket.subprotocol or "", flush=True)
    print("opened", *(extension.name for extension in socket.extensions), flush=True)
    try:
        async for message in socket:
            if isinstance(message, str) and message.startswith("!"):
                name, *args = message[1:].split(" ")
                await ORDERS[name](socket, *args)
            else:
                await socket.send(message)
    except websockets.ConnectionClosed:
        pass
    await socket.wait_closed()
    print(f"closed {socket.close_code} {socket.close_reason}", flush=True)


async def main():
    async with websockets.serve(serve, "127.0.0.1", 0, max_size=64 * 1024 * 1024, subprotocols=["superchat", "chat"]) as server:
        print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


asyncio.run(main())
