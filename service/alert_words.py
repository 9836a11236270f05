"""A search in words: what an alert is about, as its candidate reads it."""

from datetime import date

import asyncpg

from scheduling import communes
from service.i18n import LANGUAGES, N_, Words
from service.searches import Asked

HALVES = {"morning": N_("Morning, over by 13:00"), "afternoon": N_("Afternoon, from 12:00")}


async def describe(tx: asyncpg.Connection, asked: Asked, words: Words) -> list[str]:
    """The parts of a wish, the trade or test first."""
    told = [f"« {asked.words} »"] if asked.words else []
    if asked.what:
        label = await tx.fetchval(
            """select label::jsonb from assessments.units where code = $1
               union all select label::jsonb from assessments.trades where code = $1""",
            asked.what,
        )
        told.insert(0, f"{words.label(label)} ({asked.what})" if label else asked.what)
    if asked.language:
        told.append(LANGUAGES[asked.language])
    if asked.centre:
        name = await tx.fetchval("select name from scheduling.centres where code = $1", asked.centre)
        told.append(name or asked.centre)
    days = words.weekdays()
    told += [days[int(day) - 1] for day in asked.days]
    if asked.half:
        told.append(words.gettext(HALVES[asked.half]))
    commune = communes.at(asked.near) if asked.within else None
    if commune is not None:
        told.append(
            words.gettext("at most %(km)s km from %(commune)s", km=asked.within, commune=commune.name(words.language))
        )
    told += [
        f"{words.gettext(said)} {words.day(date.fromisoformat(day))}"
        for said, day in ((N_("From"), asked.since), (N_("Until"), asked.until))
        if day
    ]
    if asked.accessible:
        told.append(words.gettext("Only rooms that can be reached with a wheelchair"))
    return told
