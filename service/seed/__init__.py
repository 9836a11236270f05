"""`preuve seed`: the four centres, the year 2023 played through the domain's own verbs, and sessions to be booked now.

All of it is one transaction, in which every guard of the database is in force: it is there as a whole, or not at all.
The replay has its own clock and its own chance (both fixed), so that 2023 comes out the same each time; only public
codes are drawn from the system, because they must be unguessable even here.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from random import Random

import asyncpg

from scheduling import centres
from service import accounts, mails, milestones, report_imports, sign_in_links
from service.i18n import BRUSSELS
from service.refusals import TryAgain
from service.seed import coming_weeks, ground, places, year_2023
from service.seed.crowd import Crowd
from service.seed.diary import Diary
from service.seed.replay import DATA, Replay
from service.settings import Settings, SettingsFault
from service.wiring import Running, running

BEGINS_AT = datetime(2022, 9, 5, 8, tzinfo=UTC)
FIRST_DAY = date(2023, 1, 1)
CHANCE = 2023
IMPORTS = DATA / "report_2023.csv"
SOURCE = "Rapport annuel 2023, repris pour la démonstration"
PATIENCE = 60  # tries of about three seconds while another process is at it

Say = Callable[[str], None]


class NotEmpty(Exception):
    """The database is in use: the demonstration's people do not belong there."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `preuve run` asks for."""
    parser.add_argument("--first-time", action="store_true", help="not a word where there is nothing to do")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Fill an empty database, once. In production: the catalogue alone, and nobody of the demonstration."""
    if arguments.first_time:
        first_time(settings)
        return 0
    try:
        if not asyncio.run(fill(settings, _say)):
            _say("This was done before; nothing was changed.")
    except NotEmpty:
        raise SettingsFault("The database holds centres already: `preuve seed` fills an empty one.") from None
    return 0


def first_time(settings: Settings) -> None:
    """The same for a database that may well be filled already: then without a word."""
    with suppress(NotEmpty):
        asyncio.run(fill(settings, _say))


def addresses(settings: Settings) -> list[tuple[str, str]]:
    """For `preuve run` in development: who can sign in, and where."""
    return asyncio.run(_links(settings)) if settings.environment == "development" else []


async def _links(settings: Settings) -> list[tuple[str, str]]:
    async with running(settings, house=True) as process:
        return await sign_in_links.development_links(process.db, settings, process.now())


async def fill(settings: Settings, say: Say) -> bool:
    """Seed, or wait until another process has: two that start at once on one database agree."""
    act = import_catalogue if settings.environment == "production" else seed
    async with running(settings, house=True) as process:
        for _ in range(PATIENCE):
            try:
                return await act(process, say)
            except TryAgain:
                await asyncio.sleep(1)
    raise SettingsFault("Another process has been seeding this database for minutes; look at it first.")


async def import_catalogue(process: Running, say: Say) -> bool:
    """Import the shipped catalogue once: later an administrator's import is not to be undone. False: done before."""
    async with process.db.transaction() as tx:
        if not await milestones.reach(tx, milestones.CATALOGUE, now=process.now()):
            return False
        say(f"The catalogue: {await ground.import_catalogue(tx, now=process.now())} units.")
    return True


async def seed(process: Running, say: Say) -> bool:
    """Fill an empty database with the demonstration; False when that was done before. Refuses NotEmpty."""
    now = process.now()
    async with process.db.transaction() as tx:
        await tx.execute("set constraints all immediate")  # what is refused is refused where it happens
        await tx.execute("select set_config('idle_in_transaction_session_timeout', '60s', true)")
        if not await milestones.reach(tx, milestones.SEEDED, now=now):
            return False
        if await centres.every(tx):
            raise NotEmpty
        await milestones.reach(tx, milestones.CATALOGUE, now=now)
        await _play(tx, process, now, say)
    return True


async def _play(tx: asyncpg.Connection, process: Running, now: datetime, say: Say) -> None:
    diary, chance = Diary(process, BEGINS_AT), Random(CHANCE)
    say(f"The catalogue: {await ground.import_catalogue(tx, now=BEGINS_AT)} units.")
    stands_on = await ground.lay(tx, first_day=FIRST_DAY, today=now.astimezone(BRUSSELS).date(), now=BEGINS_AT)
    say("The four centres: rooms, equipment, accreditations, assessors.")
    replay = Replay(diary, stands_on, Crowd(chance), chance)
    count = year_2023.foretell(replay)
    await diary.play(tx)
    await report_imports.import_file(tx, 2023, IMPORTS.read_bytes(), source=SOURCE, now=diary.moment)
    say(f"The year 2023: {count} sessions, booked, held, decided, certified.")
    coming_weeks.foretell(replay, now=now)
    await diary.play(tx)
    await places.lay_the_ways(tx)
    await _register_the_candidate(tx, replay, now=now)
    await mails.file_away(tx, now=now)
    say("The coming eight weeks: sessions that can be booked.")


async def _register_the_candidate(tx: asyncpg.Connection, replay: Replay, *, now: datetime) -> None:
    """The demonstration's candidate passed TPCR-1 in 2023, and may book everything else."""
    person = next(one for one in replay.crowd.persons if one.known_as == "candidate")
    await accounts.register(
        tx, email="candidate@example.org", role="candidate", language="fr", candidate_id=person.id, now=now
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
