"""Exports: a copy of everything we hold about a person, asked for on a page, made by the worker, kept for a week.

The person is a candidate or an assessor; who is both has a copy as each.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import appointments, archives, assessor_data, keys, personal_data, privacy_letters
from service.mails import write
from service.outbox import Event
from service.refusals import NotFound, Refusal
from service.wiring import Running

KEPT = timedelta(days=7)
READ = 90  # per cent; the rest is writing it down


class Whose(Struct, frozen=True):
    """About whom: one of the two."""

    candidate_id: UUID | None = None
    assessor_id: UUID | None = None


class Export(Struct, frozen=True):
    """`progress`: from 0 to 100. `size`: bytes, once it is ready."""

    id: UUID
    asked_at: datetime
    progress: int
    ready_at: datetime | None
    expires_at: datetime | None
    size: int | None


async def ask(tx: asyncpg.Connection, whose: Whose, *, language: str, now: datetime) -> UUID:
    """Ask for a copy in one's language; return its id. While one is being made, asking again gives that one."""
    asked: UUID | None = await tx.fetchval(
        """with asked as (
               insert into service.exports (candidate_id, assessor_id, language, asked_at) values ($1, $2, $3, $4)
               on conflict do nothing returning id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'export.asked', id, jsonb_strip_nulls(
                   jsonb_build_object('candidate_id', $1::uuid, 'assessor_id', $2::uuid)), $4 from asked)
           select id from asked""",
        whose.candidate_id,
        whose.assessor_id,
        language,
        now,
    )
    return asked or await tx.fetchval(
        "select id from service.exports where (candidate_id = $1 or assessor_id = $2) and ready_at is null",
        whose.candidate_id,
        whose.assessor_id,
    )


async def make(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The reaction to `export.asked`. Of an export that was erased meanwhile nothing is kept."""
    asked = await tx.fetchrow(
        "select candidate_id, assessor_id, language::text from service.exports where id = $1 and ready_at is null",
        event.aggregate,
    )
    if asked is None:
        return

    async def told(share: float) -> None:
        await _tell(running, event.aggregate, int(share * READ))

    if asked["candidate_id"] is not None:
        person = await appointments.candidate(tx, asked["candidate_id"])
        keyring = keys.keyring(running.settings)
        records = await personal_data.read(tx, asked["candidate_id"], keyring=keyring, told=told)
        papers, form = await archives.papers(tx, asked["candidate_id"]), archives.CANDIDATE
        page = privacy_letters.CANDIDATES
    else:
        person = await appointments.assessor(tx, asked["assessor_id"])
        records = await assessor_data.read(tx, asked["assessor_id"], told=told)
        papers, form = await assessor_data.papers(tx, asked["assessor_id"]), archives.ASSESSOR
        page = privacy_letters.ASSESSORS
    archive = await archives.write(records, papers, form=form, language=asked["language"], now=running.now())
    kept = await tx.fetchval(
        """update service.exports set progress = 100, ready_at = $2, expires_at = $3, archive = $4
           where id = $1 and ready_at is null returning id""",
        event.aggregate,
        running.now(),
        running.now() + KEPT,
        archive,
    )
    if kept is not None and person is not None:
        link = f"{running.settings.base_url}{page}"
        letter = privacy_letters.export_ready(person, link, until=running.now() + KEPT)
        await write(tx, letter, outbox_id=event.id, now=running.now())


async def _tell(running: Running, export_id: UUID, progress: int) -> None:
    """How far it is, for the page to read before all of it is done: in a transaction of its own, which may well fail."""
    with suppress(Refusal):
        async with running.db.transaction() as tx:
            await tx.execute(
                "update service.exports set progress = $2 where id = $1 and progress < $2 and ready_at is null",
                export_id,
                progress,
            )


async def of(tx: asyncpg.Connection, whose: Whose, *, now: datetime) -> list[Export]:
    """Somebody's exports that are being made or can be had, the newest first."""
    rows = await tx.fetch(
        """select id, asked_at, progress, ready_at, expires_at, length(archive) as size from service.exports
           where (candidate_id = $1 or assessor_id = $2) and (expires_at is null or expires_at > $3)
           order by asked_at desc""",
        whose.candidate_id,
        whose.assessor_id,
        now,
    )
    return [Export(**row) for row in rows]


async def archive(tx: asyncpg.Connection, export_id: UUID, *, whose: Whose, now: datetime) -> bytes:
    """The ZIP, for whom it is about. Refuses NotFound: somebody else's, not ready, over."""
    found: bytes | None = await tx.fetchval(
        """select archive from service.exports
           where id = $1 and (candidate_id = $2 or assessor_id = $3) and expires_at > $4""",
        export_id,
        whose.candidate_id,
        whose.assessor_id,
        now,
    )
    if found is None:
        raise NotFound
    return found


async def erase(tx: asyncpg.Connection, whose: Whose) -> None:
    """Delete somebody's exports, ready or not."""
    await tx.execute(
        "delete from service.exports where candidate_id = $1 or assessor_id = $2", whose.candidate_id, whose.assessor_id
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` exports whose week was over before, or that were never finished; return how many."""
    status = await tx.execute(
        """delete from service.exports where id in (
               select id from service.exports
               where coalesce(expires_at, asked_at + make_interval(days => 7)) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
