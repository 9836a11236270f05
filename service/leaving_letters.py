"""The letter to the centres of an assessor who asked to be forgotten: which seats they have to give to somebody else."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from service import letters, mails
from service.i18n import Words, words
from service.mails import Draft
from service.outbox import Event
from service.wiring import Running


class Seat(Struct, frozen=True):
    unit_code: str
    starts_at: datetime


async def tell_centres(tx: asyncpg.Connection, event: Event, running: Running) -> None:
    """The centre they work for, and each that counts on them; nobody, once they stay or are gone."""
    name = await tx.fetchval(
        """select given_name || ' ' || family_name from assessments.assessors
           where id = $1 and leaving_at is not null and erased_at is null""",
        event.aggregate,
    )
    if name is None:
        return
    for email, seats in (await _centres(tx, event.aggregate)).items():
        draft = letter(email, name, seats, running.settings.base_url, language=running.settings.language)
        await mails.write(tx, draft, outbox_id=event.id, now=running.now())


async def _centres(tx: asyncpg.Connection, assessor_id: UUID) -> dict[str, list[Seat]]:
    rows = await tx.fetch(
        """select c.email, u.code as unit_code, lower(s.test_time) as starts_at
           from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
           join scheduling.centres c on c.id = s.centre_id join assessments.units u on u.id = s.unit_id
           where j.assessor_id = $1 and j.released_at is null and s.ended_at is null and s.cancelled_at is null
           union all
           select c.email, null, null from assessments.assessors a join scheduling.centres c on c.id = a.centre_id
           where a.id = $1
           order by email, starts_at""",
        assessor_id,
    )
    found: dict[str, list[Seat]] = {}
    for row in rows:
        seats = found.setdefault(row["email"], [])
        if row["starts_at"] is not None:
            seats.append(Seat(row["unit_code"], row["starts_at"]))
    return found


def letter(recipient: str, name: str, seats: list[Seat], base_url: str, *, language: str) -> Draft:
    w = words(language)
    said = [w.gettext("%(name)s asked to be forgotten, and takes no seats any more.", name=name)]
    if seats:
        said.append(w.gettext("Give these seats to somebody else:"))
        said.append("\n".join(_line(seat, w) for seat in seats))
    said.append(w.gettext("What it waits for, and until when: %(link)s", link=f"{base_url}/centre/leaving"))
    return Draft(recipient, w.gettext("An assessor leaves"), letters.paragraphs(*said))


def _line(seat: Seat, w: Words) -> str:
    return f"- {seat.unit_code}, {w.moment(seat.starts_at)}"
