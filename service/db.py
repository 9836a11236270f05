"""One unit of work: a connection in a transaction. What PostgreSQL declines becomes a refusal at its edge."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from copy import copy
from typing import Any, cast
from uuid import UUID

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction, TransactionState
from msgspec import Struct

import assessments.enrolment_refusals
import assessments.outcome_refusals
import assessments.refusals
import assessments.standard_refusals
import certificates.refusals
import scheduling.attendance_refusals
import scheduling.equipment_refusals
import scheduling.refusals
from service import refusals
from service.refusals import Overloaded, Refusal, TryAgain, Unavailable

BY_CONSTRAINT: dict[str, type[Exception]] = {
    **refusals.BY_CONSTRAINT,
    **certificates.refusals.BY_CONSTRAINT,
    **assessments.refusals.BY_CONSTRAINT,
    **assessments.enrolment_refusals.BY_CONSTRAINT,
    **assessments.outcome_refusals.BY_CONSTRAINT,
    **assessments.standard_refusals.BY_CONSTRAINT,
    **scheduling.refusals.BY_CONSTRAINT,
    **scheduling.attendance_refusals.BY_CONSTRAINT,
    **scheduling.equipment_refusals.BY_CONSTRAINT,
}

POOL_SIZE = 8  # small pools beat big ones: a hot row is served one by one anyway
CONNECT_SECONDS = 5.0
WAIT_SECONDS = 2.0  # for a free connection; then Overloaded
ANSWER_SECONDS = 10.0  # the client's own limit, above the server's, for a server that no longer answers
APPLICATION = "preuve_application"  # the role that owns nothing, under row security: migrations/0041_row_security.sql
SERVER_SETTINGS = {
    "application_name": "preuve",
    "timezone": "UTC",
    "datestyle": "ISO",  # a moment that PostgreSQL writes is RFC 3339, whatever the server is set to
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


class NotOurs(Exception):
    """The database was not migrated, or its login was not granted the application's role."""


class Actor(Struct, frozen=True):
    """Who acts, and for whom: PostgreSQL shows and takes the rows within their reach (migrations/0042_policies.sql)."""

    role: str
    account: UUID | None = None
    centre: UUID | None = None
    candidate: UUID | None = None
    assessor: UUID | None = None


STRANGER = Actor("stranger")  # who has not signed in: sees what is public
NOBODY = Actor("")  # sees nothing, and writes nothing

# Whose request this is. Set by auth.Recognise and ShortWay; where it is not set, nobody acts.
ACTING: ContextVar[Actor] = ContextVar("acting", default=NOBODY)


class _Connection(asyncpg.Connection):
    def begun_by(self, opening: str) -> Transaction:
        return _Unit(self, opening)


class _Unit(Transaction):
    """asyncpg's transaction, begun by a message of ours: BEGIN and who acts are one round trip."""

    def __init__(self, connection: _Connection, opening: str) -> None:
        super().__init__(connection, None, False, False)
        self.opening = opening

    async def start(self) -> None:
        self._connection._top_xact = self  # type: ignore[attr-defined]
        try:
            await self._connection.execute(self.opening)  # type: ignore[attr-defined]
        except BaseException:
            self._state = TransactionState.FAILED
            raise
        self._state = TransactionState.STARTED


class Database:
    """A pool of connections to one PostgreSQL; everything happens in `transaction()` or `read()`.

    `house`: what is done here the house itself does, whoever is signed in; all is within its reach. Worker and commands
    open theirs so (wiring.running); in a request `as_house()` is for what a secret opens, and says so.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", *, wait: float = WAIT_SECONDS, house: bool = False
    ) -> None:
        self.pool = pool
        self.wait = wait
        self.house = house

    def as_house(self) -> "Database":
        """The same pool, for the house. The audit trail goes on naming who is signed in."""
        house = copy(self)
        house.house = True
        return house

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """One unit of work: committed when the block ends, undone when it raises.

        A broken named constraint, deferred ones at commit included, raises the refusal of that name. Refuses
        TryAgain, Overloaded and Unavailable; after Unavailable a commit under way may have succeeded.
        """
        async with self._connection() as connection:
            with translated(connection):
                async with connection.begun_by(f"begin;{self._acting()}"):
                    yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """One consistent picture, read only. Refuses what `transaction` does."""
        async with self._connection() as connection:
            with translated(connection):
                async with connection.begun_by(f"begin isolation level repeatable read, read only;{self._acting()}"):
                    yield connection

    @asynccontextmanager
    async def glance(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection without a transaction, on which nobody acts: it sees what named functions open, in one round
        trip each. Refuses what `transaction` does."""
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

    def _acting(self) -> str:
        """Who acts until the transaction ends. A message of several statements takes no arguments: UUIDs and our own
        words for roles need none."""
        actor = ACTING.get()
        said = {"reach": "house" if self.house else "", "role": actor.role, "actor": actor.account}
        said |= {"centre": actor.centre, "candidate": actor.candidate, "assessor": actor.assessor}
        return "".join(f" set local preuve.{name} = '{value}';" for name, value in said.items() if value)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["_Connection"]:
        connection = await self._acquired()
        try:
            yield cast("_Connection", connection)
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


async def connect(url: str, *, size: int = POOL_SIZE, wait: float = WAIT_SECONDS, house: bool = False) -> Database:
    """Open a pool of up to `size` connections that work as APPLICATION, the first of them at once.

    Refuses Unavailable; NotOurs where there is no such role, or the login may not work as it.
    """
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=ANSWER_SECONDS,
            server_settings=SERVER_SETTINGS | {"role": APPLICATION},
            connection_class=_Connection,
            init=speak_json,
            reset=_nothing_to_undo,
        )
    except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError) as error:
        raise NotOurs from error
    except (*AWAY, TimeoutError) as error:
        raise Unavailable from error
    return Database(pool, wait=wait, house=house)


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
        if is_lost(connection):
            raise Unavailable from error
        raise


def is_lost(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Whether its line is broken."""
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
