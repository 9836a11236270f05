"""Imports: a file of a centre with candidates, assessors, rooms or sessions. It is read, checked line by line, and
written when that is ordered; the worker does all three (service/importing), and whoever asked may call it off between.
"""

import hashlib
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import import_lines
from service.accounts import Account
from service.refusals import ImportNotReady, NotFound, TryAgain

Kind = Literal["candidates", "assessors", "rooms", "sessions"]
State = Literal["reading", "checking", "checked", "writing", "written", "cancelled", "unreadable", "failed"]
LARGEST = 8_000_000  # bytes of a file
ATTEMPTS = 3  # of one step


class Import(Struct, frozen=True):
    """`total`: how many lines the file has, once it is read. `fault`: why it cannot be read (service/importing/findings).
    `passed_over`: headings that the list does not know."""

    id: UUID
    kind: Kind
    centre_id: UUID
    name: str
    asked_at: datetime
    asked_by: UUID
    asked_as: str
    total: int | None
    fault: str | None
    read_at: datetime | None
    checked_at: datetime | None
    ordered_at: datetime | None
    written_at: datetime | None
    cancelled_at: datetime | None
    failed_at: datetime | None
    passed_over: list[str]

    @property
    def state(self) -> State:
        """Read from its moments, the last one first."""
        moments: tuple[tuple[object, State], ...] = (
            (self.cancelled_at, "cancelled"),
            (self.failed_at, "failed"),
            (self.fault, "unreadable"),
            (self.written_at, "written"),
            (self.ordered_at, "writing"),
            (self.checked_at, "checked"),
            (self.read_at, "checking"),
        )
        return next((state for moment, state in moments if moment is not None), "reading")

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has something to do for it."""
        return self.state in ("reading", "checking", "writing")


async def ask(
    tx: asyncpg.Connection, kind: Kind, centre_id: UUID, *, name: str, file: bytes, by: Account, now: datetime
) -> UUID:
    """Take a file in; return the import's id. The same file again while it is under way is the same import; once it is
    checked, and nothing ordered, it is checked anew: what it lacked may be there now."""
    digest = hashlib.sha256(file).digest()
    import_id = await _anew(tx, kind, centre_id, file, digest, by, now) or await tx.fetchval(
        """insert into service.imports (kind, centre_id, name, file, digest, asked_at, asked_by, asked_as)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (centre_id, kind, digest, asked_by)
               where written_at is null and cancelled_at is null and failed_at is null
               do nothing
           returning id""",
        kind,
        centre_id,
        "".join(each for each in name if each.isprintable())[:200],
        file,
        digest,
        now,
        by.id,
        by.role,
    )
    return import_id or await _under_way(tx, kind, centre_id, digest, by)


async def _anew(
    tx: asyncpg.Connection, kind: Kind, centre_id: UUID, file: bytes, digest: bytes, by: Account, now: datetime
) -> UUID | None:
    """Back to the beginning with it. Whoever orders it meanwhile waits, and is told that it is not checked."""
    import_id: UUID | None = await tx.fetchval(
        """update service.imports
           set file = $3, asked_at = $6, asked_as = $7, total = null, fault = null, passed_over = '{}', read_at = null,
               checked_at = null, attempts = 0
           where kind = $1 and centre_id = $2 and digest = $4 and asked_by = $5 and checked_at is not null
             and ordered_at is null and written_at is null and cancelled_at is null and failed_at is null
           returning id""",
        kind,
        centre_id,
        file,
        digest,
        by.id,
        now,
        by.role,
    )
    if import_id is not None:
        await import_lines.drop(tx, import_id)
    return import_id


async def _under_way(tx: asyncpg.Connection, kind: Kind, centre_id: UUID, digest: bytes, by: Account) -> UUID:
    """Read and not locked: the worker may be at it."""
    found: UUID | None = await tx.fetchval(
        """select id from service.imports
           where kind = $1 and centre_id = $2 and digest = $3 and asked_by = $4
             and written_at is null and cancelled_at is null and failed_at is null""",
        kind,
        centre_id,
        digest,
        by.id,
    )
    if found is None:
        raise TryAgain  # it ended just now
    return found


async def get(tx: asyncpg.Connection, import_id: UUID) -> Import:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, kind, centre_id, name, asked_at, asked_by, asked_as, total, fault, read_at, checked_at, ordered_at,
                  written_at, cancelled_at, failed_at, passed_over
           from service.imports where id = $1""",
        import_id,
    )
    if row is None:
        raise NotFound
    return Import(**row)


async def of_centre(tx: asyncpg.Connection, centre_id: UUID, *, most: int = 20) -> list[Import]:
    """The latest imports of a centre."""
    rows = await tx.fetch(
        """select id, kind, centre_id, name, asked_at, asked_by, asked_as, total, fault, read_at, checked_at, ordered_at,
                  written_at, cancelled_at, failed_at, passed_over
           from service.imports where centre_id = $1 order by asked_at desc limit $2""",
        centre_id,
        most,
    )
    return [Import(**row) for row in rows]


async def order(tx: asyncpg.Connection, import_id: UUID, *, by: UUID, now: datetime) -> None:
    """Have the lines written that may be; ordered twice is ordered once. Refuses ImportNotReady: not checked, called off."""
    await _wait_for_the_step(tx)
    status = await tx.execute(
        """update service.imports set ordered_at = coalesce(ordered_at, $2), ordered_by = coalesce(ordered_by, $3)
           where id = $1 and checked_at is not null and cancelled_at is null and failed_at is null and fault is null""",
        import_id,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise ImportNotReady


async def cancel(tx: asyncpg.Connection, import_id: UUID, *, by: UUID, now: datetime) -> None:
    """Call it off: no further line is written, those that are stay. Refuses ImportNotReady when it is over already."""
    await _wait_for_the_step(tx)
    status = await tx.execute(
        """update service.imports set cancelled_at = coalesce(cancelled_at, $2), cancelled_by = coalesce(cancelled_by, $3)
           where id = $1 and written_at is null and failed_at is null and fault is null""",
        import_id,
        now,
        by,
    )
    if status.endswith(" 0"):
        raise ImportNotReady


async def _wait_for_the_step(tx: asyncpg.Connection) -> None:
    """The worker holds the import during a step, which on a busy machine takes longer than a lock usually may."""
    await tx.execute("set local lock_timeout = '4s'")


async def take(tx: asyncpg.Connection) -> Import | None:
    """The oldest import with something to do, locked for this transaction; those that another worker has are passed over."""
    row = await tx.fetchrow(
        """select id, kind, centre_id, name, asked_at, asked_by, asked_as, total, fault, read_at, checked_at, ordered_at,
                  written_at, cancelled_at, failed_at, passed_over
           from service.imports
           where cancelled_at is null and failed_at is null and fault is null
             and (checked_at is null or (ordered_at is not null and written_at is null))
           order by asked_at limit 1 for no key update skip locked"""
    )
    return None if row is None else Import(**row)


async def hold_unread(tx: asyncpg.Connection, import_id: UUID) -> bool:
    """Whether its file is still to be read: then it is locked for this transaction."""
    return bool(
        await tx.fetchval(
            """select true from service.imports
               where id = $1 and read_at is null and cancelled_at is null and failed_at is null for no key update""",
            import_id,
        )
    )


async def file_of(tx: asyncpg.Connection, import_id: UUID) -> bytes:
    return await tx.fetchval("select file from service.imports where id = $1", import_id)  # type: ignore[no-any-return]


async def note_read(
    tx: asyncpg.Connection, import_id: UUID, *, total: int, passed_over: list[str], now: datetime
) -> None:
    """Its lines are kept; the file is not needed any more."""
    await tx.execute(
        """update service.imports set read_at = $2, total = $3, passed_over = $4, file = null, attempts = 0
           where id = $1""",
        import_id,
        now,
        total,
        passed_over,
    )


async def note_unreadable(
    tx: asyncpg.Connection, import_id: UUID, fault: str, *, passed_over: list[str], now: datetime
) -> None:
    """Of its lines nothing is known; what its headings say that the list does not know may be why."""
    await tx.execute(
        """update service.imports set read_at = $2, checked_at = $2, fault = $3, passed_over = $4, file = null
           where id = $1""",
        import_id,
        now,
        fault,
        passed_over,
    )


async def note_checked(tx: asyncpg.Connection, import_id: UUID, *, now: datetime) -> None:
    await tx.execute("update service.imports set checked_at = $2, attempts = 0 where id = $1", import_id, now)


async def note_written(tx: asyncpg.Connection, import_id: UUID, *, now: datetime) -> None:
    await tx.execute("update service.imports set written_at = $2 where id = $1", import_id, now)


async def note_failure(tx: asyncpg.Connection, *, now: datetime) -> None:
    """The step of the import whose turn it is failed: it is tried again, and given up after ATTEMPTS."""
    await tx.execute(
        """update service.imports i
           set attempts = i.attempts + 1, failed_at = case when i.attempts + 1 >= $1 then $2::timestamptz end
           from (select id from service.imports
                 where cancelled_at is null and failed_at is null and fault is null
                   and (checked_at is null or (ordered_at is not null and written_at is null))
                 order by asked_at limit 1 for no key update skip locked) first
           where i.id = first.id""",
        ATTEMPTS,
        now,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` imports that were asked for before, with their lines; return how many. What they wrote stays."""
    status = await tx.execute(
        "delete from service.imports where id in (select id from service.imports where asked_at < $1 limit $2)",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
