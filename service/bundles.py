"""Bundles that were asked for on a page: the row is the queue, the worker makes one after the other, the file is in the data
folder for a week. What is in them is service/bundling's business.

Whoever asked sees how far it is, can cancel it, and is the only one to fetch it.
"""

import asyncio
import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import logs
from service.bundling import making
from service.bundling.making import Subject
from service.refusals import NotFound
from service.settings import Settings
from service.wiring import Running

KEPT = timedelta(days=7)
LOCK = 0x62_75_6E_64_6C_65  # "bundle": one at a time, whichever worker makes it


class Cancelled(Exception):
    """Nobody waits for it any more."""


class Bundle(Struct, frozen=True):
    """`progress`: from 0 to 100. `size`: bytes, once it is ready. Of a session: its unit and when it was held."""

    id: UUID
    session_id: UUID | None
    year: int | None
    centre_name: str | None
    unit_code: str | None
    held_at: datetime | None
    with_names: bool
    asked_at: datetime
    progress: int
    cancelled_at: datetime | None
    failed_at: datetime | None
    ready_at: datetime | None
    expires_at: datetime | None
    sha256: str | None
    size: int | None

    @property
    def is_under_way(self) -> bool:
        return self.ready_at is None and self.cancelled_at is None and self.failed_at is None


async def ask(tx: asyncpg.Connection, subject: Subject, *, by: UUID, now: datetime) -> UUID:
    """Ask for a bundle. Refuses BundleUnderWay while the account's last one is being made."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into service.bundles (session_id, year, centre_id, with_names, language, asked_at, asked_by)
           values ($1, $2, coalesce($3, (select s.centre_id from scheduling.sessions s where s.id = $1)), $4, $5, $6, $7)
           returning id""",
        subject.session_id,
        subject.year,
        subject.centre_id,
        subject.with_names,
        subject.language,
        now,
        by,
    )


async def cancel(tx: asyncpg.Connection, bundle_id: UUID, *, by: UUID, now: datetime) -> None:
    """End one's own that is under way; the worker stops at its next file. Refuses NotFound for any other."""
    status = await tx.execute(
        """update service.bundles set cancelled_at = $3
           where id = $1 and asked_by = $2 and ready_at is null and cancelled_at is null and failed_at is null""",
        bundle_id,
        by,
        now,
    )
    if status == "UPDATE 0":
        raise NotFound


async def of_account(tx: asyncpg.Connection, account_id: UUID, *, now: datetime) -> list[Bundle]:
    """One's own of the last week, the newest first."""
    rows = await tx.fetch(
        """select b.id, b.session_id, b.year, c.name as centre_name, u.code as unit_code, lower(s.test_time) as held_at,
                  b.with_names, b.asked_at, b.progress, b.cancelled_at, b.failed_at, b.ready_at, b.expires_at, b.sha256, b.size
           from service.bundles b
           left join scheduling.sessions s on s.id = b.session_id
           left join assessments.units u on u.id = s.unit_id
           left join scheduling.centres c on c.id = b.centre_id
           where b.asked_by = $1 and b.asked_at > $2 and (b.expires_at is null or b.expires_at > $3)
           order by b.asked_at desc""",
        account_id,
        now - 2 * KEPT,
        now,
    )
    return [Bundle(**row) for row in rows]


async def fetchable(tx: asyncpg.Connection, bundle_id: UUID, settings: Settings, *, by: UUID, now: datetime) -> Path:
    """Where one's own bundle lies. Refuses NotFound: somebody else's, not ready, over, or not on this machine."""
    found = await tx.fetchval(
        "select true from service.bundles where id = $1 and asked_by = $2 and expires_at > $3", bundle_id, by, now
    )
    place = path(settings, bundle_id)
    if not found or not place.is_file():
        raise NotFound
    return place


def path(settings: Settings, bundle_id: UUID) -> Path:
    """Its place in the data folder, which web and worker share."""
    return settings.data / "bundles" / f"{bundle_id}.zip"


async def make_next(running: Running) -> bool:
    """The worker's beat: make the bundle that waits longest; say whether there was one.

    A worker that is killed leaves a part of a file, which the next one writes anew. A bundle that fails is not tried
    again: whoever asked sees it, and asks again.
    """
    async with running.db.glance() as session:
        if not await session.fetchval("select pg_try_advisory_lock($1)", LOCK):
            return False
        try:
            return await _make_next(running)
        finally:
            await session.fetchval("select pg_advisory_unlock($1)", LOCK)


async def _make_next(running: Running) -> bool:
    async with running.db.read() as tx:
        row = await tx.fetchrow(
            """select id, session_id, year, centre_id, with_names, language::text as language from service.bundles
               where ready_at is null and cancelled_at is null and failed_at is null order by asked_at, id limit 1"""
        )
    if row is None:
        return False
    bundle_id, place = row["id"], path(running.settings, row["id"])
    subject = Subject(**{name: row[name] for name in Subject.__struct_fields__})
    beside = place.with_suffix(".part")
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        await making.make(running.db, running.settings, subject, beside, told=_teller(running, bundle_id))
        beside.replace(place)
        await _ready(running, bundle_id, place)
    except Cancelled:
        place.unlink(missing_ok=True)
    except Exception as fault:
        logs.fault("a bundle failed", fault, bundle=str(bundle_id))
        async with running.db.transaction() as tx:
            await tx.execute(
                "update service.bundles set failed_at = $2 where id = $1 and cancelled_at is null",
                bundle_id,
                running.now(),
            )
    finally:
        beside.unlink(missing_ok=True)
    return True


def _teller(running: Running, bundle_id: UUID) -> making.Told:
    async def told(share: float) -> None:
        """For the page to read, and to learn from it that nobody waits any more."""
        async with running.db.transaction() as tx:
            wanted = await tx.fetchval(
                "update service.bundles set progress = $2 where id = $1 and cancelled_at is null returning true",
                bundle_id,
                min(int(share * 100), 99),
            )
        if not wanted:
            raise Cancelled

    return told


async def _ready(running: Running, bundle_id: UUID, place: Path) -> None:
    sha256 = await asyncio.to_thread(_sha256, place)
    async with running.db.transaction() as tx:
        kept = await tx.fetchval(
            """update service.bundles set progress = 100, ready_at = $2, expires_at = $3, sha256 = $4, size = $5
               where id = $1 and cancelled_at is null returning true""",
            bundle_id,
            running.now(),
            running.now() + KEPT,
            sha256,
            place.stat().st_size,
        )
    if not kept:
        raise Cancelled


def _sha256(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def erase(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Forget every bundle that names a candidate; its file goes with the next sweep and is not handed out before."""
    await tx.execute(
        """delete from service.bundles b where b.with_names and exists (
               select from scheduling.bookings k join scheduling.sessions s on s.id = k.session_id
               where k.candidate_id = $1 and (s.id = b.session_id
                     or extract(year from service.day(lower(s.test_time))) = b.year))""",
        candidate_id,
    )


async def erase_assessor(tx: asyncpg.Connection, assessor_id: UUID) -> None:
    """Forget every bundle that names an assessor, by the juries they sat in or the appeals they examined."""
    await tx.execute(
        """delete from service.bundles b where b.with_names and exists (
               select from scheduling.sessions s
               where (s.id = b.session_id or extract(year from service.day(lower(s.test_time))) = b.year)
                 and (exists (select from scheduling.jury_seats j where j.session_id = s.id and j.assessor_id = $1)
                      or exists (select from scheduling.bookings k
                                 join assessments.decisions d on d.booking_id = k.id
                                 left join assessments.appeals a on a.decision_id = d.id
                                 left join assessments.appeal_reviewers w on w.appeal_id = a.id
                                 where k.session_id = s.id and $1 in (d.taken_by, w.assessor_id))))""",
        assessor_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` rows whose week was over before, or that came to nothing; return how many."""
    status = await tx.execute(
        """delete from service.bundles where id in (
               select id from service.bundles
               where coalesce(expires_at, asked_at + make_interval(days => 7)) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])


async def sweep(running: Running) -> None:
    """Delete the files whose row is gone, and what a killed worker left."""
    folder = running.settings.data / "bundles"
    files = sorted(folder.glob("*.zip")) if folder.is_dir() else []
    async with running.db.read() as tx:
        rows = await tx.fetch("select id from service.bundles where expires_at > $1", running.now())
    known = {f"{row['id']}.zip" for row in rows}
    for file in files:
        if file.name not in known:
            with suppress(OSError):
                file.unlink()
