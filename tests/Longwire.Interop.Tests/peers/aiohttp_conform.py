"""python3-aiohttp as an echoing client of `longwire conform client`: aiohttp_conform.py ws://127.0.0.1:9001"""

import asyncio
import sys

import aiohttp
from aiohttp import WSMsgType

OPTIONS = {"max_msg_size": 64 * 1024 * 1024, "compress": 15}


async def ask(session, url):
    async with session.ws_connect(url, **OPTIONS) as socket:
        return "".join([message.data async for message in socket])


async def echo(session, url):
    try:
        async with session.ws_connect(url, **OPTIONS) as socket:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await socket.send_str(message.data)
                elif message.type == WSMsgType.BINARY:
                    await socket.send_bytes(message.data)
    except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
        pass  # what some of the cases are about


async def main(base):
    async with aiohttp.ClientSession() as session:
        for number in range(1, int(await ask(session, base + "/getCaseCount")) + 1):
            await echo(session, f"{base}/runCase?case={number}&agent=aiohttp")
        await ask(session, base + "/updateReports?agent=aiohttp")


asyncio.run(main(sys.argv[1]))
