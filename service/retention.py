"""`preuve retention`: how long each kind of record is kept (service/retention.toml), and the nightly clearing out.

Each kind's module deletes its own rows, in batches that each commit. A dry run does all of it in one transaction and
undoes it: what it says is what would go.
"""

import argparse
import asyncio
import sys
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Protocol
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments import (
    accommodations,
    appeals,
    candidates,
    complaints,
    consents,
    deliberations,
    departures,
    documents,
    entries,
    mediations,
    national_numbers,
    photos,
    pictures,
    ratings,
    recognitions,
    recommendations,
    recordings,
    undertakings,
)
from assessments.outcome_refusals import AssessorAwaited
from assessments.refusals import DecisionAwaited, StillExpected
from scheduling import (
    alerts,
    availability,
    availability_exceptions,
    busy_times,
    excuses,
    feeds,
    invitations,
    jury_seats,
    waiting,
)
from service import (
    assessor_erasures,
    bundles,
    erasures,
    exports,
    imports,
    lapse_notices,
    logs,
    mails,
    share_views,
    texts,
)
from service.db import Database
from service.i18n import BRUSSELS
from service.settings import Settings, SettingsFault
from service.wiring import Running, running

BATCH = 200
NIGHT = range(2, 6)  # o'clock in Brussels

Tx = asyncpg.Connection
Unit = Callable[[], AbstractAsyncContextManager[Tx]]


class Clear(Protocol):
    """Deletes up to `most` rows that ended before a moment, and says how many."""

    async def __call__(self, tx: Tx, *, before: datetime, most: int, now: datetime) -> int: ...


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """Days by kind of record."""

    days: dict[str, int]


async def apply(running: Running, *, dry_run: bool) -> dict[str, int]:
    """Clear out every kind of record whose time is over; return how many went, or with `dry_run` would go, by kind.

    Who asked to be erased and had to wait is erased too (`erasures`). Refuses (SettingsFault) rules that cannot be used.
    """
    now, kept, gone = running.now(), rules(running.settings).days, {}
    async with _undone(running.db) if dry_run else _committed(running.db) as unit:
        async with unit() as tx:
            gone["erasures"] = await _erase_each(tx, await erasures.waiting(tx), now=now)
            left = [one.assessor_id for one in await departures.leaving(tx, None, now=now) if not one.awaits]
            gone["assessor_erasures"] = await _erase_assessors(tx, left, now=now)
        for kind, clear in CLEAR.items():
            gone[kind], batch = 0, BATCH
            while batch == BATCH:
                async with unit() as tx:
                    batch = await clear(tx, before=now - timedelta(days=kept[kind]), most=BATCH, now=now)
                gone[kind] += batch
    return gone


@asynccontextmanager
async def _committed(db: Database) -> AsyncIterator[Unit]:
    """A batch is a transaction."""
    yield db.transaction


@asynccontextmanager
async def _undone(db: Database) -> AsyncIterator[Unit]:
    """All batches are in one transaction, which is undone."""
    async with db.transaction() as tx:

        @asynccontextmanager
        async def unit() -> AsyncIterator[Tx]:
            yield tx

        transaction = tx.transaction()
        await transaction.start()
        try:
            yield unit
        finally:
            await transaction.rollback()


async def nightly(running: Running) -> bool:
    """The worker's beat: once a night, by whichever worker comes first; say whether it was this one, now."""
    local = running.now().astimezone(BRUSSELS)
    if local.hour not in NIGHT:
        return False
    async with running.db.transaction() as tx:
        first = await tx.fetchval(
            "insert into service.retention (day, began_at) values ($1, $2) on conflict (day) do nothing returning true",
            local.date(),
            running.now(),
        )
    if not first:
        return False
    gone = await apply(running, dry_run=False)
    async with running.db.transaction() as tx:
        await tx.execute(
            "update service.retention set ended_at = $2, gone = $3 where day = $1", local.date(), running.now(), gone
        )
    logs.say("retention", **gone)
    return True


def rules(settings: Settings) -> Rules:
    """The days by kind: ours, and over them the installation's. Refuses (SettingsFault) a file that cannot be used."""
    ours = msgspec.convert(tomllib.loads(files("service").joinpath("retention.toml").read_text()), Rules)
    own = settings.data / "retention.toml"
    if not own.exists():
        return ours
    try:
        theirs = msgspec.convert(tomllib.loads(own.read_text()), Rules)
    except (OSError, ValueError) as fault:
        raise SettingsFault(f"{own} cannot be used: {fault}") from None
    if wrong := [kind for kind, days in theirs.days.items() if kind not in ours.days or days < 0]:
        raise SettingsFault(f"{own} cannot be used: {', '.join(wrong)} is no kind of record, or its days are below 0.")
    return Rules({**ours.days, **theirs.days})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Offer --dry-run."""
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Clear out now, and print how many went by kind."""
    gone = asyncio.run(_command(settings, dry_run=arguments.dry_run))
    kept = rules(settings).days
    for kind, count in gone.items():
        days = f"kept {kept[kind]} days" if kind in kept else "asked for"
        sys.stdout.write(f"{kind:<18} {days:<16} {count:>9} {'would go' if arguments.dry_run else 'gone'}\n")
    return 0


async def _command(settings: Settings, *, dry_run: bool) -> dict[str, int]:
    async with running(settings, house=True) as process:
        return await apply(process, dry_run=dry_run)


def _deleted(forget: Callable[..., Awaitable[int]]) -> Clear:
    async def clear(tx: Tx, *, before: datetime, most: int, now: datetime) -> int:
        return await forget(tx, before=before, most=most)

    return clear


def _unsealed(forget: Callable[..., Awaitable[int]]) -> Clear:
    """Of what a seal keeps: it gives way to words about what was over before the moment that is said here, and only here."""

    async def clear(tx: Tx, *, before: datetime, most: int, now: datetime) -> int:
        await tx.execute("select set_config('preuve.forgetting', $1, true)", before.isoformat())
        gone = await forget(tx, before=before, most=most)
        await tx.execute("select set_config('preuve.forgetting', '', true)")
        return gone

    return clear


async def _erase_idle(tx: Tx, *, before: datetime, most: int, now: datetime) -> int:
    return await _erase_each(tx, await candidates.idle(tx, before=before, most=most), now=now)


async def _erase_each(tx: Tx, candidate_ids: list[UUID], *, now: datetime) -> int:
    """Those for whom a result is to come wait for another night."""
    erased = 0
    for candidate_id in candidate_ids:
        try:
            async with tx.transaction():
                await erasures.carry_out(tx, candidate_id, by=None, now=now)
            erased += 1
        except (DecisionAwaited, StillExpected):
            continue
    return erased


async def _erase_idle_assessors(tx: Tx, *, before: datetime, most: int, now: datetime) -> int:
    return await _erase_assessors(tx, await departures.idle(tx, before=before, most=most), now=now)


async def _erase_assessors(tx: Tx, assessor_ids: list[UUID], *, now: datetime) -> int:
    """Those for whom somebody waits come another night."""
    erased = 0
    for assessor_id in assessor_ids:
        try:
            async with tx.transaction():
                await assessor_erasures.carry_out(tx, assessor_id, by=None, now=now)
            erased += 1
        except AssessorAwaited:
            continue
    return erased


CLEAR: dict[str, Clear] = {
    "exports": _deleted(exports.forget),
    "bundles": _deleted(bundles.forget),
    "imports": _deleted(imports.forget),
    "mails": _deleted(mails.forget),
    "texts": _deleted(texts.forget),
    "share_views": _deleted(share_views.forget),
    "feeds": _deleted(feeds.forget),
    "alerts": _deleted(alerts.forget),
    "consents": _deleted(consents.forget),
    "accommodations": _deleted(accommodations.forget),
    "excuses": _deleted(excuses.forget),
    "waiting": _deleted(waiting.forget),
    "photos": _deleted(photos.forget),
    "recordings": _unsealed(recordings.forget),
    "ratings": _unsealed(ratings.forget),
    "entries": _unsealed(entries.forget),
    "deliberations": _unsealed(deliberations.forget),
    "recognitions": _unsealed(recognitions.forget),
    "recommendations": _unsealed(recommendations.forget),
    "pictures": _deleted(pictures.forget),
    "documents": _deleted(documents.forget),
    "undertakings": _deleted(undertakings.forget),
    "availability": _deleted(availability.forget),
    "availability_exceptions": _deleted(availability_exceptions.forget),
    "busy_times": _deleted(busy_times.forget),
    "invitations": _deleted(invitations.forget),
    "jury_seats": _deleted(jury_seats.forget),
    "lapse_notices": _deleted(lapse_notices.forget),
    "mediations": _deleted(mediations.forget),
    "appeals": _deleted(appeals.forget),
    "complaints": _deleted(complaints.forget),
    "national_numbers": _deleted(national_numbers.forget),
    "candidates": _erase_idle,
    "assessors": _erase_idle_assessors,
}
