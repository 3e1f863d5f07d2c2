"""python3-aiohttp as an echo server on loopback. Prints "listening PORT", and for each connection
"subprotocol NAME", "opened EXTENSIONS" and "closed CODE REASON". It speaks "superchat" and "chat", and insists on none.

A text message that begins with "!" is an order: !close CODE REASON, !end, !ping TEXT. The library has no fragments to send.
"""

import asyncio

from aiohttp import WSMsgType, web

NO_STATUS = 1005


async def close(socket, request, code="", *reason):
    if code:
        await socket.close(code=int(code), message=" ".join(reason).encode())
    else:
        # The library always sends a code; an empty Close frame needs the level below.
        await socket._writer._send_frame(b"", WSMsgType.CLOSE)


async def end(socket, request):
    request.transport.abort()


async def ping(socket, request, text):
    await socket.ping(text.encode())


ORDERS = {"close": close, "end": end, "ping": ping}


async def take_close(socket, code, reason):
    """Answers with the status that came; the library by itself would answer with 1000."""
    await socket.close(code=code or 1000)
    return code or NO_STATUS, reason


async def answer(socket, request):
    while True:
        message = await socket.receive()
        if message.type == WSMsgType.CLOSE:
            return await take_close(socket, message.data, message.extra or "")
        if message.type in (WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
            return socket.close_code, ""
        if message.type == WSMsgType.PING:
            await socket.pong(message.data)
        elif message.type == WSMsgType.PONG:
            await socket.send_str(f"pong {message.data.decode()}")
        elif message.type == WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.data.startswith("!"):
            name, *args = message.data[1:].split(" ")
            await ORDERS[name](socket, request, *args)
        else:
            await socket.send_str(message.data)


async def serve(request):
    socket = web.WebSocketResponse(autoclose=False, autoping=False, max_msg_size=64 * 1024 * 1024, protocols=("superchat", "chat"))
    await socket.prepare(request)
    print("subprotocol", socket.ws_protocol or "", flush=True)
    print("opened", "permessage-deflate" if socket.compress else "", flush=True)
    code, reason = 1006, ""
    try:
        code, reason = await answer(socket, request)
    except ConnectionResetError:
        pass
    print(f"closed {code} {reason}", flush=True)
    return socket


async def main():
    application = web.Application()
    application.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"listening {runner.addresses[0][1]}", flush=True)
    await asyncio.Future()


asyncio.run(main())
