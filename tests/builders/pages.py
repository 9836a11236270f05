"""A town whose pages can be looked at: a unit of the catalogue's kind, open sessions, people who are signed in."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from assessments import accreditations, candidates, decisions, enrolments, schemes, standards, trades, units
from assessments.grids import ConformityItem, Criterion, Grid, Indicator
from assessments.marking import Mark, Outcome
from scheduling import attendance, bookings, jury_seats, rooms, sessions
from service.db import Database
from service.outbox import drain
from service.reactions import BY_TOPIC
from tests.builders.assessments import VALIDATION, YEARS, Sitting, Tx, a_room, an_assessor, deliberated, recorded
from tests.builders.web import serving, signed_in, stranger

WALL = {
    "fr": "Monter un mur en blocs",
    "nl": "Een muur van blokken metselen",
    "en": "Build a block wall",
    "de": "Eine Blockwand mauern",
}
MASON = {"fr": "Maçon", "nl": "Metselaar", "en": "Bricklayer", "de": "Maurer"}
TASK = {
    "fr": "Monter un mur de 2 m sur 1 m en blocs de béton, avec un angle et une baie, selon le plan remis.",
    "nl": "Een muur van 2 m op 1 m in betonblokken metselen, met een hoek en een opening, volgens het plan.",
}
CONDITIONS = {
    "fr": "Travail individuel dans un box de l’atelier. Mortier et blocs fournis. Chaussures de sécurité obligatoires.",
    "nl": "Individueel werk in een box van de werkplaats. Mortel en blokken worden gegeven. Veiligheidsschoenen verplicht.",
}


def said(fr: str, nl: str) -> dict[str, str]:
    return {"fr": fr, "nl": nl, "en": fr, "de": fr}


GRID = Grid(
    version=1,
    languages=("fr", "nl"),
    criteria=(
        Criterion(
            "1",
            said("Travailler en sécurité", "Veilig werken"),
            2,
            (
                Indicator(
                    "1.1",
                    said("Porte ses protections pendant tout le travail", "Draagt de hele tijd bescherming"),
                    True,
                ),
                Indicator("1.2", said("Tient son box en ordre", "Houdt de box op orde")),
                Indicator("1.3", said("Coupe les blocs au poste prévu", "Zaagt de blokken op de juiste plaats")),
            ),
        ),
        Criterion(
            "2",
            said("Monter d’aplomb et de niveau", "Loodrecht en waterpas metselen"),
            1,
            (
                Indicator("2.1", said("L’aplomb est juste à 5 mm près", "Loodrecht op 5 mm na")),
                Indicator("2.2", said("Les joints ont 10 à 14 mm", "De voegen zijn 10 tot 14 mm")),
            ),
        ),
    ),
    conformity=(
        ConformityItem("K1", said("Les consignes ont été lues", "De instructies zijn gelezen")),
        ConformityItem("K2", said("La durée a été respectée", "De duur werd gerespecteerd")),
    ),
)


@dataclass
class Street:
    """One unit of one centre; `start` is nine o'clock two weeks on."""

    app: Litestar
    now: datetime
    unit: units.Unit
    room: rooms.Room
    noor_id: UUID
    sam_id: UUID
    noor: httpx.AsyncClient
    sam: httpx.AsyncClient
    manager: httpx.AsyncClient
    other_manager: httpx.AsyncClient
    stranger: httpx.AsyncClient

    @property
    def db(self) -> Database:
        return self.app.state.running.db.as_house()  # type: ignore[no-any-return]

    @property
    def start(self) -> datetime:
        return self.now.replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=14)

    async def open_session(
        self, *, days: int = 0, seats: int = 2, language: Any = "fr", unit: units.Unit | None = None
    ) -> UUID:
        """A session with its whole jury that takes bookings."""
        async with self.db.transaction() as tx:
            starts_at = self.start + timedelta(days=days)
            session, _, _ = await a_session(
                tx, self.room, unit or self.unit, now=self.now, starts_at=starts_at, seats=seats, language=language
            )
        return session

    async def book(
        self, session_id: UUID, key: str = "form-key-1", who: httpx.AsyncClient | None = None
    ) -> httpx.Response:
        return await (who or self.noor).post("/bookings", data={"session_id": str(session_id), "key": key})

    async def tested(
        self, candidate_id: UUID, outcome: Outcome, *, days_ago: int = 7, **changes: Mark
    ) -> tuple[UUID, UUID]:
        """A test that is over and told, `days_ago`; the booking and the decision."""
        planned = self.now - timedelta(days=days_ago + 14)
        evening = self.now.replace(hour=18) - timedelta(days=days_ago)
        async with self.db.transaction() as tx:
            sitting = await a_sitting_of(tx, self.room, self.unit, candidate_id, now=planned)
            await sessions.end(tx, sitting.session, by=None, now=evening)
            await recorded(tx, sitting, **changes)
            await deliberated(tx, sitting, outcome)
            decision = await decisions.take(tx, sitting.booking, taken_by=sitting.manager, now=evening)
            await decisions.release(tx, decision, by=None, now=evening)
        return sitting.booking, decision

    async def react(self) -> None:
        """The worker has done what there was to do."""
        await drain(self.app.state.running.as_house(), BY_TOPIC)


@asynccontextmanager
async def a_street(
    database_url: str, redis_url: str, folder: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Street]:
    async with serving(database_url, redis_url, folder, clock) as app:
        async with app.state.running.db.as_house().transaction() as tx:
            unit, room = await a_wall(tx, now), await a_room(tx)
            elsewhere = await a_room(tx)
            await accreditations.grant(
                tx, room.centre_id, unit.trade_id, first_day=YEARS[0], last_day=YEARS[1], reference="AGR"
            )
            noor = await a_person(tx, "Noor", "Peeters", "noor@example.org", now)
            sam = await a_person(tx, "Sam", "De Smet", "sam@example.org", now)
        yield Street(
            app=app,
            now=now,
            unit=unit,
            room=room,
            noor_id=noor,
            sam_id=sam,
            noor=await signed_in(app, "noor@example.org", "candidate", candidate_id=noor),
            sam=await signed_in(app, "sam@example.org", "candidate", candidate_id=sam),
            manager=await signed_in(app, "manager@example.org", "manager", centre_id=room.centre_id),
            other_manager=await signed_in(app, "other@example.org", "manager", centre_id=elsewhere.centre_id),
            stranger=stranger(app),
        )


async def a_sitting_of(tx: Tx, room: rooms.Room, unit: units.Unit, candidate_id: UUID, *, now: datetime) -> Sitting:
    """This candidate, in a session that runs two weeks after `now`, in this room."""
    await enrolments.enrol(tx, candidate_id, unit.id, by=None, now=now)
    session, jury, starts_at = await a_session(
        tx, room, unit, now=now, starts_at=now.replace(hour=7, minute=0) + timedelta(days=14)
    )
    booking = await bookings.book(tx, session, candidate_id, by=None, now=now)
    await sessions.lock(tx, session, by=None, now=now)
    await attendance.check_in(tx, booking, by=None, now=starts_at)
    await attendance.sign_contract(tx, booking, now=starts_at)
    await sessions.start(tx, session, by=None, now=starts_at)
    await attendance.attend_all(tx, session, now=starts_at)
    return Sitting(booking, candidate_id, session, unit, room.centre_id, *jury, starts_at)


async def a_session(
    tx: Tx,
    room: rooms.Room,
    unit: units.Unit,
    *,
    now: datetime,
    starts_at: datetime,
    seats: int = 2,
    language: Any = "fr",
) -> tuple[UUID, list[UUID], datetime]:
    """A session that takes bookings, with a jury of its own: its id, the evaluator, observer and manager, its start."""
    plan = sessions.Plan(room_id=room.id, unit_id=unit.id, language=language, starts_at=starts_at, seats=seats)
    session, jury = await sessions.plan(tx, plan, by=None, now=now), []
    for role in ("evaluator", "observer", "manager"):
        trade, roles = (None, ()) if role == "manager" else (unit.trade_id, (role,))
        centre_id = None if role == "observer" else room.centre_id
        person = await an_assessor(tx, now=now, qualified_for=trade, roles=roles, centre_id=centre_id)
        await jury_seats.give(tx, session, person, role, by=None, now=now)  # type: ignore[arg-type]
        jury.append(person)
    await sessions.open_for_booking(tx, session, by=None, now=now)
    return session, jury, starts_at


async def a_wall(tx: Tx, now: datetime, *, code: str = "MACO-1", scheme: schemes.Scheme = VALIDATION) -> units.Unit:
    """A unit with a task, conditions and a grid that people could read."""
    await schemes.put(tx, scheme)
    trade = code.partition("-")[0]
    await trades.put(
        tx, trade, centre_code="construcity", scheme=scheme.code, label=MASON, rome="F1703", isco="7112",
        esco=UUID(int=7), esco_label="maçon",
    )  # fmt: skip
    await units.put(tx, code, trade_code=trade, label=WALL, proposal=False)
    unit = await units.get(tx, code)
    content = standards.Content(
        duration_minutes=240, setup_minutes=30, teardown_minutes=30, candidates_per_evaluator=4, room_kind="workshop",
        equipment_kind=None, languages=("fr", "nl"), task=TASK, conditions=CONDITIONS, grid=GRID,
    )  # fmt: skip
    await standards.publish(tx, await standards.draft(tx, unit.id, content), now=now)
    return unit


async def a_person(tx: Tx, given_name: str, family_name: str, email: str, now: datetime) -> UUID:
    registration = candidates.Registration(
        given_name=given_name,
        family_name=family_name,
        birth_date=date(1990, 5, 17),
        email=email,
        language="fr",
        status="jobseeker",
    )
    return await candidates.register(tx, registration, now=now)
