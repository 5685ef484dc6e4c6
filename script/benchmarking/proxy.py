"""A proxy on loopback that delivers everything later, in order: main.py starts it as `proxy.py LISTEN TARGET SECONDS`.

Others import it to watch what passes, and to cut connections.
"""

import asyncio
import socket
import struct
import sys

UP, DOWN = "up", "down"


class Connection:
    """A client's connection and the one that was made for it to the server."""

    def __init__(self, client, server):
        self.ends = client, server

    def cut(self, resets=False):
        """Ends both at once; with `resets` as if a machine between them had forgotten them."""
        for writer in self.ends:
            end = writer.get_extra_info("socket")
            # Where it has ended already there is nothing to forget.
            if resets and end.fileno() >= 0:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class Watch:
    """Sees all that passes; this one lets it."""

    def opened(self, connection):
        """A client has come; false turns it away."""
        return True

    def passing(self, connection, way, data):
        """What of the data goes on."""
        return data


async def carry(reader, writer, delay, passing):
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def deliver():
        while (item := await queue.get()) is not None:
            due, data = item
            await asyncio.sleep(max(0, due - loop.time()))
            writer.write(passing(data))
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


async def serve(listen, target, delay=0, watch=Watch()):
    """Begins to listen, at any free port where `listen` is 0; gives the server."""
    async def accept(reader, writer):
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection(writer, other_writer)
        if not watch.opened(connection):
            connection.cut()
            return
        await asyncio.gather(
            carry(reader, other_writer, delay, lambda data: watch.passing(connection, UP, data)),
            carry(other_reader, writer, delay, lambda data: watch.passing(connection, DOWN, data)))

    return await asyncio.start_server(accept, "127.0.0.1", listen)


async def main(listen, target, delay):
    server = await serve(listen, target, delay)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
