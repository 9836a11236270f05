"""A candidate before reception, their identity seen, and an address that somebody asks for them."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from scheduling import bookings, sessions
from service import logins, rectifications
from service.accounts import Role
from tests.builders.pages import Street, a_street
from tests.builders.watch import Watch
from tests.builders.web import signed_in, stranger

PAGE = {"accept": "text/html"}
WAIT = timedelta(hours=72)
NEW = "taken.over@example.org"
TODAY = "t" * 43
CONFIRM, STOP = r"/address/(?!stop/)[\w-]+", r"/address/stop/[\w-]+"


class Desk(msgspec.Struct, frozen=True):
    """A candidate who stands before reception, their identity seen; and the clock on the wall."""

    street: Street
    clock: Watch
    booking: UUID
    centre: UUID
    old: str

    async def staff(self, name: str, role: Role) -> httpx.AsyncClient:
        centre = None if role == "administrator" else self.centre
        one = await signed_in(self.street.app, f"{name}@example.org", role, centre_id=centre)
        one.cookies.update({"language": "en"})
        return one

    async def candidate(self) -> httpx.AsyncClient:
        """The candidate, signed in today."""
        async with self.street.db.transaction() as tx:
            account = await tx.fetchval("select id from service.accounts where candidate_id = $1", self.street.noor_id)
            await logins.begin(tx, account, secret=TODAY, now=self.clock.now)
        client = stranger(self.street.app)
        client.cookies.update({"preuve": TODAY, "language": "en"})
        return client

    @property
    def here(self) -> str:
        return f"/centre/bookings/{self.booking}"

    async def ask(self, client: httpx.AsyncClient, email: str = NEW) -> None:
        asked = await client.post(f"{self.here}/address", data={"email": email}, headers=PAGE)
        assert asked.status_code == 303, asked.text

    async def approval(self, client: httpx.AsyncClient) -> str:
        """Where the page lets this person approve it; "" where it does not."""
        page = (await client.get(f"{self.here}/identity", headers=PAGE)).text
        return next(iter(re.findall(rf"{self.here}/address/[\w-]+/approval", page)), "")

    async def later(self, by: timedelta) -> None:
        self.clock.now += by
        async with self.street.db.as_house().transaction() as tx:
            await rectifications.send_ripe(tx, now=self.clock.now)
        await self.street.react()

    async def letters(self, to: str) -> list[str]:
        await self.street.react()
        async with self.street.db.read() as tx:
            rows = await tx.fetch("select subject, body from service.mails where recipient = $1 order by id", to)
        return [f"{row['subject']}\n{row['body']}" for row in rows]

    async def link(self, to: str, pattern: str) -> str:
        return next(iter(re.findall(pattern, "".join(await self.letters(to)))[::-1]), "")

    async def address(self) -> tuple[str, str]:
        async with self.street.db.read() as tx:
            row = await tx.fetchrow(
                """select c.email, a.email as account from assessments.candidates c
                   join service.accounts a on a.candidate_id = c.id where c.id = $1""",
                self.street.noor_id,
            )
        return row["email"], row["account"]


@asynccontextmanager
async def a_desk(database_url: str, valkey_url: str, folder: Path, now: datetime) -> AsyncIterator[Desk]:
    """Twenty minutes before the test."""
    clock = Watch(now)
    async with a_street(database_url, valkey_url, folder, clock, now) as street:
        for reader in (street.noor, street.stranger):
            reader.cookies.update({"language": "en"})
        session = await street.open_session()
        async with street.db.transaction() as tx:
            booking = await bookings.book(tx, session, street.noor_id, by=None, now=street.now)
            await sessions.lock(tx, session, by=None, now=street.now)
            centre = await tx.fetchval("select centre_id from scheduling.sessions where id = $1", session)
            old = await tx.fetchval("select email from assessments.candidates where id = $1", street.noor_id)
        clock.now = street.start - timedelta(minutes=20)
        found = Desk(street, clock, booking, centre, old)
        door = await found.staff("door", "reception")
        await door.put(f"/api/v1/bookings/{booking}/identity-check")
        yield found
