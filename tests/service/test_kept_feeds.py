"""A calendar that a process keeps is at every moment what it would be if it were written anew."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from msgspec.structs import replace

from scheduling import sessions
from service.kept_feeds import KeptFeeds
from tests.builders.pages import Street
from tests.service.test_calendar_addresses import address_of


class Calendar:
    """One address, read as it is kept and as it would be written anew."""

    def __init__(self, street: Street, address: str) -> None:
        self.street, self.address = street, address

    async def read(self) -> httpx.Response:
        state = self.street.app.state
        kept = await self.street.stranger.get(self.address)
        assert kept.status_code == 200
        keeping, state.kept_feeds = state.kept_feeds, KeptFeeds(state.running.db)
        anew = await self.street.stranger.get(self.address)
        state.kept_feeds = keeping
        assert (kept.content, kept.headers["etag"]) == (anew.content, anew.headers["etag"])
        assert kept.headers.get("last-modified") == anew.headers.get("last-modified")
        return kept


@pytest.fixture
async def centre(street: Street) -> Calendar:
    return Calendar(street, await address_of(street.manager, "centre", street.room.centre_id))


@pytest.fixture
async def room(street: Street) -> Calendar:
    return Calendar(street, await address_of(street.manager, "room", street.room.id))


async def noted(street: Street) -> int:
    async with street.db.read() as tx:
        return await tx.fetchval("select count(*) from scheduling.calendar_changes")  # type: ignore[no-any-return]


async def test_it_follows_every_change(street: Street, centre: Calendar, room: Calendar) -> None:
    assert b"BEGIN:VEVENT" not in (await centre.read()).content
    one, two = await street.open_session(), await street.open_session(days=1)
    for calendar in (centre, room):
        assert (await calendar.read()).content.count(b"BEGIN:VEVENT") == 2
    async with street.db.transaction() as tx:
        await sessions.cancel(tx, one, reason="ill", by=None, now=street.now)
    for calendar in (centre, room):
        assert (await calendar.read()).content.count(b"STATUS:CANCELLED") == 1
    async with street.db.transaction() as tx:
        await tx.execute(
            """update scheduling.sessions set changed_at = changed_at + interval '1 minute',
                      test_time = tstzrange(lower(test_time) + interval '1 day', upper(test_time) + interval '1 day')
               where id = $1""",
            two,
        )
    tags = [(await calendar.read()).headers["etag"] for calendar in (centre, room)]
    async with street.db.transaction() as tx:
        await tx.execute("update scheduling.rooms set name = 'Halle neuve' where id = $1", street.room.id)
    for calendar, tag in zip((centre, room), tags, strict=True):
        answer = await calendar.read()
        assert b"Halle neuve" in answer.content
        assert answer.headers["etag"] != tag


async def test_a_booking_is_no_change_of_it(street: Street, centre: Calendar) -> None:
    session = await street.open_session()
    tag, before = (await centre.read()).headers["etag"], await noted(street)
    assert (await street.book(session)).status_code == 303
    assert await noted(street) == before
    answer = await street.stranger.get(centre.address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_session_that_moves_leaves_the_one_room_and_comes_to_the_other(street: Street, room: Calendar) -> None:
    session = await street.open_session()
    async with street.db.transaction() as tx:
        other = await tx.fetchval(
            """insert into scheduling.rooms (centre_id, site_id, name, kind, stations)
               select centre_id, site_id, 'Other', kind, stations from scheduling.rooms where id = $1 returning id""",
            street.room.id,
        )
        await tx.execute(
            """insert into scheduling.opening_hours
               select $1, weekday, opens, closes from scheduling.opening_hours where room_id = $2""",
            other,
            street.room.id,
        )
    there = Calendar(street, await address_of(street.manager, "room", other))
    assert str(session).encode() in (await room.read()).content
    assert str(session).encode() not in (await there.read()).content
    async with street.db.transaction() as tx:
        await tx.execute("update scheduling.sessions set room_id = $2 where id = $1", session, other)
    assert str(session).encode() not in (await room.read()).content
    assert str(session).encode() in (await there.read()).content


async def test_who_began_first_and_committed_last_is_not_missed(street: Street, centre: Calendar) -> None:
    """Staged: the one change is under way while the other is committed and read. A version counted up would hide it, or
    have made the second wait for the first."""
    first, second = await street.open_session(), await street.open_session(days=1)
    await centre.read()
    async with street.db.transaction() as slow:
        await _touched(slow, first, street.now + timedelta(minutes=1))
        async with street.db.transaction() as quick:
            await _touched(quick, second, street.now + timedelta(minutes=2))
        between = await centre.read()
    after = await centre.read()
    assert between.headers["etag"] != after.headers["etag"]
    assert after.content.count(b"SEQUENCE:7") == 2


async def test_what_was_undone_changes_nothing(street: Street, centre: Calendar) -> None:
    session = await street.open_session()
    before = await centre.read()
    with pytest.raises(ZeroDivisionError):
        async with street.db.transaction() as tx:
            await _touched(tx, session, street.now + timedelta(minutes=1))
            1 / 0  # noqa: B018
    assert (await centre.read()).headers["etag"] == before.headers["etag"]


async def test_a_cancelled_session_leaves_it_by_time_alone(street: Street, centre: Calendar) -> None:
    session = await street.open_session()
    async with street.db.transaction() as tx:
        await sessions.cancel(tx, session, reason="ill", by=None, now=street.now)
    assert b"STATUS:CANCELLED" in (await centre.read()).content
    for days, is_there in ((29, True), (30, False)):
        later = street.now + timedelta(days=days)
        street.app.state.running = replace(street.app.state.running, clock=lambda later=later: later)
        assert (b"STATUS:CANCELLED" in (await centre.read()).content) == is_there


async def test_an_address_that_ended_is_gone_though_its_calendar_was_kept(street: Street, centre: Calendar) -> None:
    await street.open_session()
    await centre.read()
    await address_of(street.manager, "centre", street.room.centre_id)
    assert (await street.stranger.get(centre.address)).status_code == 404


async def test_who_asks_at_one_moment_gets_each_their_own(street: Street, centre: Calendar) -> None:
    await street.open_session()
    room = await address_of(street.manager, "room", street.room.id)
    addresses = [centre.address, room, "/calendars/nobody.ics"] * 3
    alone = [await street.stranger.get(address) for address in addresses]
    together = await asyncio.gather(*(street.stranger.get(address) for address in addresses))
    assert [answer.status_code for answer in together] == [200, 200, 404] * 3
    told = [(answer.status_code, answer.headers.get("etag")) for answer in together]
    assert told == [(answer.status_code, answer.headers.get("etag")) for answer in alone]
    assert together[0].content != together[1].content


async def test_it_is_kept_at_all(street: Street, centre: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or every test above would be true of a service that keeps nothing."""
    await street.open_session()
    await centre.read()
    monkeypatch.delattr("service.kept_feeds._whole")
    assert (await street.stranger.get(centre.address)).status_code == 200
    await street.open_session(days=1)
    assert (await street.stranger.get(centre.address)).content.count(b"BEGIN:VEVENT") == 2


async def _touched(tx, session: UUID, at: datetime) -> None:  # type: ignore[no-untyped-def]
    await tx.execute("update scheduling.sessions set sequence = 7, changed_at = $2 where id = $1", session, at)
