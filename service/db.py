"""One unit of work: a connection in a transaction. What PostgreSQL declines becomes a refusal at its edge."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Any, cast
from uuid import UUID

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

import assessments.refusals
import assessments.standard_refusals
import certificates.refusals
import scheduling.refusals
from service import refusals
from service.refusals import Overloaded, Refusal, TryAgain, Unavailable

BY_CONSTRAINT: dict[str, type[Exception]] = {
    **refusals.BY_CONSTRAINT,
    **certificates.refusals.BY_CONSTRAINT,
    **assessments.refusals.BY_CONSTRAINT,
    **assessments.standard_refusals.BY_CONSTRAINT,
    **scheduling.refusals.BY_CONSTRAINT,
}

POOL_SIZE = 8  # small pools beat big ones: a hot row is served one by one anyway
CONNECT_SECONDS = 5.0
WAIT_SECONDS = 2.0  # for a free connection; then Overloaded
ANSWER_SECONDS = 10.0  # the client's own limit, above the server's, for a server that no longer answers
SERVER_SETTINGS = {
    "application_name": "preuve",
    "timezone": "UTC",
    "search_path": "public",  # for the extensions' operators; everything of ours is named with its schema
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
}

BUSY = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)
# Classes 08 and 53 (connections, resources), a server that shuts down, starts, or has become a standby.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InternalClientError,
    OSError,
)


# Whose request this is, for the audit trail: account and role. Set by auth.Recognise; unset, it is the house itself.
ACTING: ContextVar[tuple[UUID, str] | None] = ContextVar("acting", default=None)


class Database:
    """A pool of connections to one PostgreSQL; everything happens in `transaction()` or `read()`."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, wait: float = WAIT_SECONDS) -> None:
        self.pool = pool
        self.wait = wait

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """One unit of work: committed when the block ends, undone when it raises.

        A broken named constraint, deferred ones at commit included, raises the refusal of that name. Refuses
        TryAgain, Overloaded and Unavailable; after Unavailable a commit under way may have succeeded.
        """
        async with self._connection() as connection:
            with translated(connection):
                async with connection.transaction():
                    if (acting := ACTING.get()) is not None:
                        await connection.execute("select service.acting($1, $2)", *acting)
                    yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """One consistent picture, read only. Refuses what `transaction` does."""
        async with self._connection() as connection:
            with translated(connection):
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    yield connection

    @asynccontextmanager
    async def glance(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection without a transaction: each statement is its own, in one round trip. Refuses what `transaction` does."""
        async with self._connection() as connection:
            with translated(connection):
                yield connection

    async def ready(self, limit: float) -> bool:
        """Whether it accepts a write within `limit` seconds."""
        with suppress(Refusal, TimeoutError):
            async with asyncio.timeout(limit), self.transaction() as tx:
                return bool(await tx.fetchval("select not pg_is_in_recovery()"))
        return False

    async def close(self, *, seconds: float = 5.0) -> None:
        """Close every connection; those still busy after `seconds` are cut off."""
        try:
            await asyncio.wait_for(self.pool.close(), seconds)
        except TimeoutError:
            self.pool.terminate()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        connection = await self._acquired()
        try:
            yield cast("asyncpg.Connection[asyncpg.Record]", connection)
        except Unavailable:
            await self.pool.expire_connections()  # the others are as dead as this one
            raise
        finally:
            # A connection that breaks on its way back is thrown away by the pool; what was committed stays committed.
            with suppress(*AWAY, asyncpg.InterfaceError, TimeoutError):
                await self.pool.release(connection)

    async def _acquired(self) -> "PoolConnectionProxy[asyncpg.Record]":
        try:
            return await self.pool.acquire(timeout=self.wait)
        except TimeoutError as error:
            raise Overloaded from error
        except (*AWAY, asyncpg.InterfaceError) as error:
            raise Unavailable from error


async def connect(url: str, *, size: int = POOL_SIZE, wait: float = WAIT_SECONDS) -> Database:
    """Open a pool of up to `size` connections, the first of them at once. Refuses Unavailable."""
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=ANSWER_SECONDS,
            server_settings=SERVER_SETTINGS,
            init=speak_json,
            reset=_nothing_to_undo,
        )
    except (*AWAY, TimeoutError) as error:
        raise Unavailable from error
    return Database(pool, wait=wait)


@contextmanager
def translated(connection: "asyncpg.Connection[asyncpg.Record]") -> Iterator[None]:
    """What PostgreSQL or the line to it raises, as the refusal it means; what nobody foresaw stays itself."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        refusal = BY_CONSTRAINT.get(error.constraint_name or "")
        if refusal is None:
            raise
        raise refusal from error
    except BUSY as error:
        raise TryAgain from error
    except asyncpg.QueryCanceledError as error:
        raise Overloaded from error
    except (*AWAY, TimeoutError) as error:
        raise Unavailable from error
    except asyncpg.InterfaceError as error:
        # Also what asyncpg says to a wrong call of ours: only a closed connection makes it trouble on the line.
        if _lost(connection):
            raise Unavailable from error
        raise


def _lost(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # the pool takes a connection that broke back at once
        return True


async def _nothing_to_undo(connection: Any) -> None:
    """asyncpg would undo the session's settings, one more round trip a request; ours end with their transaction."""


async def speak_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_json, decoder=msgspec.json.decode, format="text"
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
