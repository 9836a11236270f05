"""A connection for round trips that follow each other closely: to take one from the pool and give it back costs the process
as much as the round trip itself."""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType

from asyncpg import Connection

from service.db import Database, is_lost
from service.refusals import Refusal

IDLE_SECONDS = 0.02  # after which it goes back: others may wait for it, and a closing pool does


class HeldLine(AbstractAsyncContextManager[Connection]):
    """`async with line.glance() as connection` is Database.glance: who comes soon after the former one finds its connection
    still there, and who comes while it is used gets another. What failed is given back at once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._glance: AbstractAsyncContextManager[Connection] | None = None
        self._connection: Connection | None = None
        self._is_used = False
        self._last_used = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._going_back: asyncio.Task[None] | None = None

    def glance(self) -> AbstractAsyncContextManager[Connection]:
        """Refuses what Database.glance does."""
        return self._db.glance() if self._is_used else self

    async def __aenter__(self) -> Connection:
        self._is_used = True
        try:
            if self._connection is None or is_lost(self._connection):
                await _give_back(self._taken())
                glance = self._db.glance()
                self._connection = await glance.__aenter__()
                self._glance = glance
        except BaseException:
            self._is_used = False
            raise
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_used = False
        if error is not None:
            if (glance := self._taken()) is not None:
                await glance.__aexit__(kind, error, trace)
            return
        loop = asyncio.get_running_loop()
        self._last_used = loop.time()
        if self._watch is None:
            self._watch = loop.call_later(IDLE_SECONDS, self._look)

    def _look(self) -> None:
        self._watch = None
        loop = asyncio.get_running_loop()
        if self._is_used or loop.time() - self._last_used < IDLE_SECONDS:
            self._watch = loop.call_later(IDLE_SECONDS, self._look)
        else:
            self._going_back = asyncio.create_task(_give_back(self._taken()))

    def _taken(self) -> AbstractAsyncContextManager[Connection] | None:
        """What was held, and is from now on nobody's: who comes before it is back must not find it."""
        glance, self._glance, self._connection = self._glance, None, None
        return glance


async def _give_back(glance: AbstractAsyncContextManager[Connection] | None) -> None:
    if glance is not None:
        with suppress(Refusal):  # nobody is there to be told
            await glance.__aexit__(None, None, None)
