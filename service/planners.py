"""What a planner can choose from: the centre's units, and once one is chosen its rooms and its people."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
from msgspec import Struct

from scheduling import centres, closures, rooms
from service import agenda, desk
from service.i18n import Words
from service.problems import REFUSALS


class Choice(Struct, frozen=True):
    """What a planner can choose from, once the unit is known."""

    centre: centres.Centre
    offers: list[desk.Offer]
    offer: desk.Offer | None
    suitable: list[rooms.Room]
    others: list[rooms.Room]

    @property
    def most_seats(self) -> int:
        """As many as the largest suitable room and the equipment could hold, with evaluators enough."""
        stations = max((room.stations for room in self.suitable), default=0)
        return min(stations, self.offer.pieces) if self.offer and self.offer.equipment_kind else stations

    @property
    def likely_seats(self) -> str:
        """As many as one evaluator takes: two are rare."""
        return str(min(self.most_seats, self.offer.candidates_per_evaluator) or "") if self.offer else ""


async def choice(tx: asyncpg.Connection, centre: centres.Centre, unit: str) -> Choice:
    offers = await desk.offers(tx, centre.id)
    offer = next((one for one in offers if one.code == unit), None)
    found = await rooms.of_centre(tx, centre.id) if offer else []
    return Choice(
        centre,
        offers,
        offer,
        suitable=[room for room in found if offer and room.kind == offer.room_kind],
        others=[room for room in found if offer and room.kind != offer.room_kind],
    )


class Eligible(Struct, frozen=True):
    """Somebody whom a jury could be filled with, whatever their calendar says."""

    id: UUID
    name: str
    employer: str | None


async def people(tx: asyncpg.Connection, centre_id: UUID, unit_id: UUID) -> dict[str, list[Eligible]]:
    """By role, those who are qualified for the unit's trade, and the centre's own people for the manager's seat."""
    rows = await tx.fetch(
        """select q.role, a.id, a.given_name || ' ' || a.family_name as name, a.employer
           from assessments.qualifications q join assessments.assessors a on a.id = q.assessor_id
           join assessments.units u on u.trade_id = q.trade_id
           where u.id = $2 and a.retired_at is null and (q.role <> 'observer' or a.centre_id is distinct from $1)
           union
           select 'manager', a.id, a.given_name || ' ' || a.family_name, a.employer
           from assessments.assessors a where a.centre_id = $1 and a.retired_at is null
           order by 3""",
        centre_id,
        unit_id,
    )
    return {
        role: [Eligible(row["id"], row["name"], row["employer"]) for row in rows if row["role"] == role]
        for role in ("evaluator", "observer", "manager")
    }


def title(words: Words, rule: type[Exception]) -> str:
    """What a refusal says, as a remark beside a date or a person."""
    return words.gettext(REFUSALS[rule].title)


class Fallible(Struct, frozen=True):
    """What could fail: a person with a coming seat at the centre, a room, a piece of equipment in use, the centre."""

    trouble: Literal["assessor", "room", "equipment", "centre"]
    id: UUID
    name: str


async def fallible(tx: asyncpg.Connection, centre_id: UUID, *, now: datetime) -> list[Fallible]:
    """All on which a coming session of the centre may count, by kind and name."""
    rows = await tx.fetch(
        """select 'assessor' as trouble, a.id, a.given_name || ' ' || a.family_name as name
           from assessments.assessors a
           where exists (select from scheduling.jury_seats j join scheduling.sessions s on s.id = j.session_id
                         where j.assessor_id = a.id and j.released_at is null and s.centre_id = $1
                           and lower(s.test_time) > $2)
           union all
           select 'centre', c.id, c.name from scheduling.centres c where c.id = $1
           union all
           select 'room', r.id, r.name || ' – ' || s.name
           from scheduling.rooms r join scheduling.sites s on s.id = r.site_id
           where r.centre_id = $1 and r.retired_at is null
           union all
           select 'equipment', e.id, e.name from scheduling.equipment e where e.centre_id = $1 and e.retired_at is null
           order by 1, 3""",
        centre_id,
        now,
    )
    return [Fallible(**row) for row in rows]


async def names(tx: asyncpg.Connection, ids: list[UUID]) -> dict[UUID, str]:
    """What assessors, rooms and pieces of equipment are called."""
    rows = await tx.fetch(
        """select id, given_name || ' ' || family_name as name from assessments.assessors where id = any ($1)
           union all select id, name from scheduling.rooms where id = any ($1)
           union all select id, name from scheduling.equipment where id = any ($1)
           union all select id, name from scheduling.centres where id = any ($1)""",
        ids,
    )
    return {row["id"]: row["name"] for row in rows}


def identifier(text: str) -> UUID | None:
    """The id that a form carries; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


class Meeting(Struct, frozen=True):
    """A test to come that counts on what is to be out; `held` of those who are `booked` have not confirmed yet."""

    session: agenda.SessionLine
    booked: int
    held: int


async def met(tx: asyncpg.Connection, found: list[closures.Met]) -> list[Meeting]:
    """What a closure or an outage would meet (closures.met, outages.met), with the sessions as a planner knows them."""
    return [Meeting(await agenda.session(tx, one.session_id), one.booked, one.held) for one in found]
