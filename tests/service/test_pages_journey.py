"""What stands in the line of steps beside the one that comes next."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from scheduling import bookings
from scheduling.excuses import ExcusePolicy
from service import journeys, timelines
from service.i18n import words
from tests.builders.pages import Street
from tests.service.test_pages_booking import WAIT
from tests.service.test_pages_candidate import read


async def test_a_place_given_back_is_dated_on_the_day_it_was_and_names_the_test(street: Street) -> None:
    """A step that is done does not bear a day that is still to come."""
    booking = (await street.book(await street.open_session())).headers["location"]
    await street.noor.post(f"{booking}/cancellation")
    page = await read(street.noor, "/journey")
    said = page[page.index("You cancelled this booking") :]
    assert said.index(words("en").moment(street.now)) < said.index("The test was planned for")
    assert f"The test was planned for {words('en').moment(street.start)} at " in said


async def test_an_absence_is_explained_from_my_journey_and_answered_there(street: Street) -> None:
    """Who did not come finds the way here also before the test has ended, and the letter is written."""
    booking = (await street.book(await street.open_session())).headers["location"]
    async with street.db.transaction() as tx:
        await bookings.release_seat(tx, UUID(booking.rpartition("/")[2]), "no_show", by=None, now=street.start)
    assert f'<a href="{booking}#excuse">Ask to be excused</a>' in await read(street.noor, "/journey")
    await street.noor.post(f"{booking}/excuse", data={"reason": "mon fils était malade"})
    assert f'<a href="{booking}#excuse">The centre reads your reason</a>' in await read(street.noor, "/journey")
    waiting = await read(street.manager, "/centre/excuses")
    answer = re.search(r'action="(/centre/excuses/[^"]+/answer)"', waiting)
    assert answer
    await street.manager.post(answer[1], data={"answer": "refused", "motivation": "Pas de preuve."})
    assert f'<a href="{booking}#excuse">The centre has not excused' in await read(street.noor, "/journey")
    await street.react()
    async with street.db.read() as tx:
        letter = await tx.fetchval("select body from service.mails where subject like '%absence%'")
    assert "Monter un mur en blocs" in letter
    assert f"http://localhost:8000{booking}#excuse" in letter


async def test_an_absence_of_long_ago_is_explained_no_more(street: Street) -> None:
    booking = (await street.book(await street.open_session())).headers["location"]
    async with street.db.transaction() as tx:
        await bookings.release_seat(tx, UUID(booking.rpartition("/")[2]), "no_show", by=None, now=street.start)
    async with street.db.transaction() as tx:
        steps = await _steps(tx, street, now=street.start + timedelta(days=15, minutes=1))
    assert [step.link for step in steps if step.title == "You did not come to this test"] == [None]


async def test_nobody_is_said_to_have_taken_a_test_before_the_centre_has_noted_it(street: Street) -> None:
    booking = (await street.book(await street.open_session())).headers["location"]
    async with street.db.transaction() as tx:
        after = await _steps(tx, street, now=street.start + timedelta(hours=5))
        before = await _steps(tx, street, now=street.start - timedelta(hours=1))
    assert [step.title for step in before if step.state == "next"] == ["Come to the test"]
    assert "You took the test" not in [step.title for step in after]
    assert [(step.title, step.action) for step in after if step.state == "next"] == [
        ("Wait for the centre", ("See my booking", booking))
    ]


async def _steps(tx: asyncpg.Connection, street: Street, *, now: datetime) -> list[timelines.Step]:
    (file,) = await journeys.of_candidate(tx, street.noor_id)
    return timelines.timeline(file, words("en"), excusing=ExcusePolicy(), now=now)


async def test_what_i_need_for_the_test_is_found_from_my_journey(street: Street) -> None:
    assert 'href="/measures"' in await read(street.noor, "/journey"), "also before the first test is chosen"


async def test_who_waits_has_enrolled_for_the_unit(street: Street) -> None:
    """As who books has; an offer that is taken is a booking like any other."""
    await street.book(await street.open_session(seats=1), who=street.sam)
    assert (await street.noor.post("/waiting", data={**WAIT, "languages": []})).status_code == 422
    assert "You have not chosen a test yet" in await read(street.noor, "/journey"), "who was refused has not enrolled"
    for _ in range(2):
        assert (await street.noor.post("/waiting", data=WAIT)).status_code == 303
    page = await read(street.noor, "/journey")
    assert page.count("You enrolled") == 1
    assert page.count('aria-current="step"') == 1
    assert "Wait for a place" in page
    await street.react()
