"""Takes mail by SMTP on loopback and writes each to a file of its own: smtp_sink.py DIRECTORY [CODE].

The port that it listens on goes to DIRECTORY/port. With CODE every recipient is refused by it, such as 451 or 550.
"""
import asyncio
import os
import sys

directory = sys.argv[1]
refusal = sys.argv[2] if len(sys.argv) > 2 else None
count = 0


def keep(name, data):
    # Under another name first: whoever looks sees whole files alone.
    with open(os.path.join(directory, ".partial"), "wb") as file:
        file.write(data)
    os.rename(os.path.join(directory, ".partial"), os.path.join(directory, name))


async def serve(reader, writer):
    global count

    async def say(text):
        writer.write(text.encode() + b"\r\n")
        await writer.drain()

    await say("220 sink")
    recipients = []
    while line := await reader.readline():
        verb = line.strip().upper()
        if verb.startswith((b"EHLO", b"HELO")):
            await say("250 sink")
        elif verb.startswith(b"RCPT"):
            if refusal:
                await say(f"{refusal} no")
            else:
                recipients.append(line.strip()[len("RCPT TO:"):])
                await say("250 ok")
        elif verb == b"DATA":
            await say("354 go on")
            data = b""
            while (part := await reader.readline()) not in (b".\r\n", b""):
                data += part
            count += 1
            keep(f"mail-{count}", b"".join(b"RCPT " + r + b"\r\n" for r in recipients) + data)
            recipients = []
            await say("250 taken")
        elif verb == b"QUIT":
            await say("221 bye")
            break
        else:
            await say("250 ok")
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    keep("port", str(server.sockets[0].getsockname()[1]).encode())
    async with server:
        await server.serve_forever()


asyncio.run(main())
