"""A proxy on loopback that delivers everything later, in order: main.py starts it as `proxy.py LISTEN TARGET SECONDS`."""

import asyncio
import sys


async def carry(reader, writer, delay):
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def deliver():
        while (item := await queue.get()) is not None:
            due, data = item
            await asyncio.sleep(max(0, due - loop.time()))
            writer.write(data)
            await writer.drain()
        writer.close()

    task = asyncio.create_task(deliver())
    try:
        while data := await reader.read(65536):
            queue.put_nowait((loop.time() + delay, data))
    except ConnectionError:
        pass
    queue.put_nowait(None)
    await asyncio.gather(task, return_exceptions=True)


async def main(listen, target, delay):
    async def accept(reader, writer):
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, other_writer, delay), carry(other_reader, writer, delay))

    server = await asyncio.start_server(accept, "127.0.0.1", listen)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
