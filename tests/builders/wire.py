"""A wire to PostgreSQL that breaks at a chosen message: before it arrives there, or after it was carried out and before the
answer comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import parse_qs, urlsplit, urlunsplit

When = Literal["before", "after"]
READY = b"Z\x00\x00\x00\x05I"  # ReadyForQuery, outside a transaction: what was asked for is committed, or undone


class Wire:
    """`url`: the database, by this wire. Armed, the next connection that sends `marker` breaks, once."""

    def __init__(self, url: str, there: str) -> None:
        self.url = url
        self.broken = 0
        self._there = there
        self._marker: bytes | None = None
        self._when: When = "after"

    def arm(self, marker: bytes, when: When) -> None:
        self._marker, self._when = marker, when

    async def carry(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(self._there)
        doomed = asyncio.Event()
        both = (self._ask(client, to_server, doomed), self._answer(server, to_client, doomed))
        tasks = [asyncio.create_task(each) for each in both]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        for end in (to_client, to_server):
            end.transport.abort()

    async def _ask(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        with suppress(OSError):
            while said := await client.read(65_536):
                if self._marker is not None and self._marker in said:
                    self._marker = None
                    self.broken += 1
                    if self._when == "before":
                        return
                    doomed.set()
                to_server.write(said)
                await to_server.drain()

    async def _answer(
        self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, doomed: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while said := await server.read(65_536):
                if not doomed.is_set():
                    to_client.write(said)
                    await to_client.drain()
                elif said.endswith(READY):
                    return


@asynccontextmanager
async def wired(database_url: str) -> AsyncIterator[Wire]:
    """A wire to a database whose server listens on a socket in a folder."""
    parts = urlsplit(database_url)
    asked = parse_qs(parts.query)
    there = f"{asked['host'][0]}/.s.PGSQL.{asked.get('port', ['5432'])[0]}"
    wire = Wire("", there)
    listening = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    user = parts.netloc.rpartition("@")[0]
    wire.url = urlunsplit((parts.scheme, f"{user}@127.0.0.1:{port}", parts.path, "sslmode=disable", ""))
    yield wire
    listening.close()
