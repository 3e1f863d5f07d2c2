"""python3-websockets as an echoing client of `longwire conform client`: websockets_conform.py ws://127.0.0.1:9001"""

import asyncio
import sys

import websockets

# The times are the suite's: a case ends a connection, the library's impatience doesn't.
OPTIONS = {"max_size": 64 * 1024 * 1024, "open_timeout": 60}


async def ask(url):
    async with websockets.connect(url, **OPTIONS) as socket:
        return "".join([message async for message in socket])


async def echo(url):
    try:
        async with websockets.connect(url, **OPTIONS) as socket:
            async for message in socket:
                await socket.send(message)
    except (websockets.WebSocketException, OSError, EOFError, asyncio.TimeoutError):
        pass  # what some of the cases are about


async def main(base):
    for number in range(1, int(await ask(base + "/getCaseCount")) + 1):
        await echo(f"{base}/runCase?case={number}&agent=websockets")
    await ask(base + "/updateReports?agent=websockets")


asyncio.run(main(sys.argv[1]))
