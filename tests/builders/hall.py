"""A street whose centre has people who can sign in: an evaluator, an observer, and a manager who can decide."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import httpx

from assessments import assessors, qualifications
from scheduling import attendance, bookings, jury_seats, rooms, sessions
from service.db import Database
from tests.builders.assessments import YEARS, Tx
from tests.builders.pages import Street, a_street
from tests.builders.stage import open_weekdays
from tests.builders.web import signed_in


@dataclass
class Hall:
    street: Street
    evaluator_id: UUID
    observer_id: UUID
    manager_id: UUID
    evaluator: httpx.AsyncClient
    observer: httpx.AsyncClient
    manager: httpx.AsyncClient
    administrator: httpx.AsyncClient

    @property
    def db(self) -> Database:
        return self.street.db

    async def planned(self, *, days: int = 0, seats: int = 2) -> UUID:
        """A draft with its whole jury: ours."""
        async with self.db.transaction() as tx:
            plan = sessions.Plan(self.street.room.id, self.street.unit.id, "fr", _day(self.street.start, days), seats)
            session = await sessions.plan(tx, plan, by=None, now=self.street.now)
            for assessor_id, role in (
                (self.evaluator_id, "evaluator"),
                (self.observer_id, "observer"),
                (self.manager_id, "manager"),
            ):
                await jury_seats.give(tx, session, assessor_id, role, by=None, now=self.street.now)  # type: ignore[arg-type]
        return session

    async def next_door(self) -> UUID:
        """Another room like ours, "Atelier 2", on the same site."""
        room = self.street.room
        async with self.db.transaction() as tx:
            site = await tx.fetchval("select site_id from scheduling.rooms where id = $1", room.id)
            beside = await rooms.add(
                tx, centre_id=room.centre_id, site_id=site, name="Atelier 2", kind=room.kind, stations=8
            )
            await open_weekdays(tx, beside)
        return beside

    async def running(
        self, *, days: int = 0, candidate_id: UUID | None = None, absent: UUID | None = None
    ) -> tuple[UUID, UUID]:
        """A test under way with one candidate (Noor) before our jury: the session and the booking. `absent`: another one
        who was summoned, and did not come."""
        session = await self.planned(days=days)
        starts_at = _day(self.street.start, days)
        async with self.db.transaction() as tx:
            await sessions.open_for_booking(tx, session, by=None, now=self.street.now)
            booking = await bookings.book(
                tx, session, candidate_id or self.street.noor_id, by=None, now=self.street.now
            )
            missed = await bookings.book(tx, session, absent, by=None, now=self.street.now) if absent else None
            await sessions.lock(tx, session, by=None, now=self.street.now)
            if missed:
                await attendance.convoke_all(tx, session, now=self.street.now)
                await bookings.release_seat(tx, missed, "no_show", by=None, now=starts_at)
            await attendance.check_in(tx, booking, by=None, now=starts_at)
            await attendance.sign_contract(tx, booking, now=starts_at)
            await sessions.start(tx, session, by=None, now=starts_at)
            await attendance.attend_all(tx, session, now=starts_at)
        return session, booking


def _day(start: datetime, days: int) -> datetime:
    return start + timedelta(days=days)


@asynccontextmanager
async def a_hall(
    database_url: str, redis_url: str, folder: Path, clock: Callable[[], datetime], now: datetime
) -> AsyncIterator[Hall]:
    async with a_street(database_url, redis_url, folder, clock, now) as street:
        async with street.db.transaction() as tx:
            centre = street.room.centre_id
            evaluator = await an_assessor_of(tx, street, "Samir", "Ouhadi", "evaluator", centre)
            observer = await an_assessor_of(tx, street, "Hélène", "Baert", "observer", None)
            manager = await an_assessor_of(tx, street, "Nadia", "Van Hove", None, centre)
        app = street.app
        yield Hall(
            street=street,
            evaluator_id=evaluator,
            observer_id=observer,
            manager_id=manager,
            evaluator=await signed_in(app, "evaluator@example.org", "assessor", assessor_id=evaluator),
            observer=await signed_in(app, "observer@example.org", "assessor", assessor_id=observer),
            manager=await signed_in(
                app, "decider@example.org", "manager", centre_id=street.room.centre_id, assessor_id=manager
            ),
            administrator=await signed_in(app, "administrator@example.org", "administrator"),
        )


async def an_assessor_of(
    tx: Tx, street: Street, given_name: str, family_name: str, role: str | None, centre_id: UUID | None
) -> UUID:
    """Somebody with this name, qualified for our trade in `role`, if any; without a centre from outside."""
    assessor = await assessors.register(
        tx,
        given_name=given_name,
        family_name=family_name,
        email=f"{family_name.split()[0].lower()}@example.org",
        languages=["fr", "nl"],
        centre_id=centre_id,
        now=street.now,
    )
    if role:
        await qualifications.qualify(
            tx,
            assessor,
            street.unit.trade_id,
            role,
            first_day=YEARS[0],
            last_day=YEARS[1],  # type: ignore[arg-type]
        )
    return assessor


def text(page: httpx.Response) -> str:
    """What a person reads on the page, as one line."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))
