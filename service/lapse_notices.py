"""Every Monday morning each centre for which something lapses within ninety days is told, once, by mail."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

import asyncpg

from scheduling import centres
from service import letters, mails, validity, validity_chart
from service.i18n import BRUSSELS, Words, words
from service.mails import Draft
from service.outbox import Event, Reactions
from service.validity import AHEAD_DAYS, Lapse
from service.wiring import Running

FROM, WEEKDAY = time(7), 1
MOST = 40  # lines of a letter; the page has all


async def note_due(running: Running) -> int:
    """The worker's beat: note each centre that has something to hear this week; return how many.

    A worker that did not run on Monday does it on the first day that it runs; two of them do it once.
    """
    local = running.now().astimezone(BRUSSELS)
    week = local.date() - timedelta(days=local.isoweekday() - WEEKDAY)
    if local.date() == week and local.time() < FROM:
        return 0
    noted = 0
    async with running.db.read() as tx:
        waiting = [one.id for one in await centres.every(tx) if not await _is_noted(tx, one.id, week)]
    for centre_id in waiting:
        async with running.db.transaction() as tx:
            if await validity.lapses(tx, centre_id, now=running.now()):
                noted += await note(tx, centre_id, week=week, now=running.now())
    return noted


async def _is_noted(tx: asyncpg.Connection, centre_id: UUID, week: date) -> bool:
    return bool(
        await tx.fetchval(
            "select exists (select from service.lapse_notices where centre_id = $1 and week = $2)", centre_id, week
        )
    )


async def note(tx: asyncpg.Connection, centre_id: UUID, *, week: date, now: datetime) -> int:
    """Take down that a centre is told in the week of that Monday; 1 if it was not before. The letter follows."""
    status = await tx.execute(
        """with noted as (
               insert into service.lapse_notices (centre_id, week, noted_at) values ($1, $2, $3)
               on conflict do nothing returning centre_id)
           insert into service.outbox (topic, aggregate, payload, occurred_at)
           select 'lapses.noted', centre_id, '{}', $3 from noted""",
        centre_id,
        week,
        now,
    )
    return int(status.rsplit(" ", 1)[1])


async def tell_centre(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """What lapses as it stands when the letter is written; nothing, if it was settled meanwhile."""
    found = await validity.lapses(tx, event.aggregate, now=running.now())
    if found:
        centre = await centres.get(tx, event.aggregate)
        draft = letter(centre.email, found, running.settings.base_url, language=running.settings.language)
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


def letter(recipient: str, found: list[Lapse], base_url: str, *, language: str) -> Draft:
    """First what breaks sessions, then the rest, each with its last day."""
    w = words(language)
    ordered = sorted(found, key=lambda one: (not one.breaks, one.last_day))
    count = len(found)
    return Draft(
        recipient,
        w.ngettext("%(num)d thing lapses within 90 days", "%(num)d things lapse within 90 days", count),
        letters.paragraphs(
            w.gettext("These end within %(days)d days. Renew them in good time:", days=AHEAD_DAYS),
            "\n".join(_line(one, w) for one in ordered[:MOST]),
            w.gettext("All of it, with the sessions concerned: %(link)s", link=f"{base_url}/centre/validity"),
        ),
    )


def _line(one: Lapse, w: Words) -> str:
    said = f"- {validity_chart.title(one, w)}: {w.short_day(one.last_day)}"
    if one.breaks:
        sessions = ", ".join(f"{session.unit_code} {w.short_day(session.starts_at)}" for session in one.breaks)
        return said + " – " + w.gettext("without it these sessions cannot be held: %(sessions)s", sessions=sessions)
    return said + " – " + w.gettext("renewed") if one.renewed else said


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Delete up to `most` notes of before; return how many."""
    status = await tx.execute(
        """delete from service.lapse_notices where (centre_id, week) in (
               select centre_id, week from service.lapse_notices where noted_at < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])


BY_TOPIC: Reactions = {"lapses.noted": tell_centre}
