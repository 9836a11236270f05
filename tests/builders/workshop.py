"""A construction day: eight candidates of Construcity before two evaluators, an observer and a manager."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx

from assessments import accommodations, assessors, qualifications
from scheduling import attendance, bookings, jury_seats, sessions
from service.db import Database
from tests.builders.assessments import YEARS, Tx
from tests.builders.hall import Hall, a_hall
from tests.builders.pages import a_person
from tests.builders.web import signed_in

NAMES = (
    ("Amina", "Benali"), ("Bram", "Claes"), ("Chloé", "Dubois"), ("Driss", "El Amrani"),
    ("Eva", "Fontaine"), ("Farid", "Ghazi"), ("Greta", "Hermans"), ("Hugo", "Iannelli"),
)  # fmt: skip


@dataclass
class Workshop:
    """`bookings`: by the candidates' names, in the order of the list."""

    hall: Hall
    session: UUID
    colleague_id: UUID
    colleague: httpx.AsyncClient
    bookings: dict[str, UUID] = field(default_factory=dict)

    @property
    def db(self) -> Database:
        return self.hall.db

    async def begin(self) -> None:
        """Everybody is there, has signed, and the test begins."""
        at = self.hall.street.start
        async with self.db.transaction() as tx:
            for booking in self.bookings.values():
                await attendance.check_in(tx, booking, by=None, now=at)
                await attendance.sign_contract(tx, booking, now=at)
            await sessions.start(tx, self.session, by=None, now=at)
            await attendance.attend_all(tx, self.session, now=at)


@asynccontextmanager
async def a_workshop(
    database_url: str, redis_url: str, folder: Path, clock: Callable[[], datetime], now: datetime, *, people: int = 8
) -> AsyncIterator[Workshop]:
    """The list is closed and nobody has come yet; the first candidate has a quarter more time."""
    async with a_hall(database_url, redis_url, folder, clock, now) as hall:
        street = hall.street
        async with hall.db.transaction() as tx:
            colleague = await _colleague(tx, hall, now)
            plan = sessions.Plan(street.room.id, street.unit.id, "fr", street.start, people)
            session = await sessions.plan(tx, plan, by=None, now=now)
            seats = [(hall.evaluator_id, "evaluator"), (hall.observer_id, "observer"), (hall.manager_id, "manager")]
            for assessor, role in [*seats, (colleague, "evaluator")]:
                await jury_seats.give(tx, session, assessor, role, by=None, now=now)  # type: ignore[arg-type]
            await sessions.open_for_booking(tx, session, by=None, now=now)
        login = await signed_in(street.app, "colleague@example.org", "assessor", assessor_id=colleague)
        workshop = Workshop(hall, session, colleague, login)
        async with hall.db.transaction() as tx:
            for number, (given, family) in enumerate(NAMES[:people]):
                candidate = await a_person(tx, given, family, f"{given.lower()}@example.org", now - timedelta(days=1))
                if not number:
                    measure = await accommodations.request(tx, candidate, "extra_time", now=now, extra_percent=25)
                    await accommodations.grant(tx, measure, by=None, now=now)
                booking = await bookings.book(tx, session, candidate, by=None, now=now)
                workshop.bookings[f"{given} {family}"] = booking
            await sessions.lock(tx, session, by=None, now=now)
        yield workshop


async def _colleague(tx: Tx, hall: Hall, now: datetime) -> UUID:
    colleague = await assessors.register(
        tx, given_name="Ilse", family_name="Jacobs", email="ilse@example.org", languages=["fr", "nl"],
        centre_id=hall.street.room.centre_id, now=now,
    )  # fmt: skip
    trade = hall.street.unit.trade_id
    await qualifications.qualify(tx, colleague, trade, "evaluator", first_day=YEARS[0], last_day=YEARS[1])
    return colleague
