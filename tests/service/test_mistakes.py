"""What was noted by mistake at the door: taken back on the page and by programs, told to whom it was told before; what can
no longer be taken back is not offered."""

from datetime import timedelta
from uuid import UUID

import pytest

from assessments import recordings
from scheduling import bookings, priorities, sessions, turnings_away, waiting
from service import check_in_codes
from service.settings import secret
from tests.builders.hall import Hall, text
from tests.builders.stage import begins_at
from tests.builders.web import signed_in

REMOVAL = "turning-away/removal"


async def summoned(hall: Hall) -> tuple[UUID, UUID]:
    """A closed list with Noor on it, on the morning of the test, and her booking."""
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = UUID((await hall.street.book(session)).headers["location"].rpartition("/")[2])
    async with hall.db.transaction() as tx:
        await sessions.lock(tx, session, by=None, now=hall.street.now)
        await begins_at(tx, session, hall.street.now - timedelta(hours=1))
    await hall.street.react()
    async with hall.db.transaction() as tx:
        await tx.execute("delete from service.mails")
    return session, booking


async def letters(hall: Hall) -> list[tuple[str, str, bool]]:
    """What Noor was written since, and whether it takes the date out of her calendar."""
    await hall.street.react()
    async with hall.db.read() as tx:
        rows = await tx.fetch(
            """select subject, body, calendar from service.mails where recipient = 'noor@example.org' order by id"""
        )
    return [(row["subject"], row["body"], b"METHOD:CANCEL" in row["calendar"]) for row in rows]


async def test_who_was_turned_away_by_mistake_has_the_seat_again_and_reads_so(hall: Hall) -> None:
    session, booking = await summoned(hall)
    reception = await signed_in(hall.street.app, "desk@example.org", "reception", centre_id=hall.street.room.centre_id)
    day, here = f"/centre/sessions/{session}/day", f"/centre/bookings/{booking}"
    door = f"/check-in/{check_in_codes.code(secret(hall.street.app.state.settings), booking)}"
    assert (await reception.post(f"{here}/identity-check")).status_code == 303
    assert (await reception.post(f"{here}/turning-away", data={"cause": "equipment"})).status_code == 303
    await hall.street.react()
    async with hall.db.transaction() as tx:
        wish = waiting.Wish(("fr",), hall.street.now.date())
        entry = await waiting.join(tx, hall.street.noor_id, hall.street.unit.id, wish, now=hall.street.now)
    for page in (day, door):
        assert f'action="{here}/{REMOVAL}"' in (await reception.get(page)).text
    back = await reception.post(f"{here}/{REMOVAL}")
    assert back.headers.get("location") == f"{day}#booking-{booking}", text(back)
    page = (await reception.get(day)).text
    assert f'action="{here}/contract"' in page
    assert f'action="{here}/{REMOVAL}"' not in page
    (_, _, off), (subject, body, gone) = await letters(hall)
    assert (off, gone) == (True, False)
    assert subject.endswith("vous avez de nouveau votre place")
    assert "C’était une erreur de notre part" in body
    async with hall.db.read() as tx:
        assert await tx.fetchval("select leaving from scheduling.waiting where id = $1", entry) == "booked"
        assert not await priorities.is_first(tx, hall.street.noor_id, hall.street.unit.id)
        trail = await tx.fetch(
            """select action, role, changes from service.audit
               where role = 'reception' and (action ~ '^(turning_away|priority)' or changes ? 'release') order by id"""
        )
    assert {(row["action"], row["role"]) for row in trail if "removed" in row["action"]} == {
        ("turning_away.removed", "reception"),
        ("priority.removed", "reception"),
    }
    (removed,) = [row["changes"] for row in trail if row["action"] == "turning_away.removed"]
    assert (removed["booking_id"], removed["cause"]) == ([str(booking), None], ["equipment", None])
    assert [row["changes"]["release"] for row in trail if "release" in row["changes"]] == [
        [None, "turned_away"],
        ["turned_away", None],
    ]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "erreur de notre part"), ("nl", "onze vergissing"), ("en", "our mistake"), ("de", "unser Versehen"),
    ],
)  # fmt: skip
async def test_the_letter_is_in_their_language(hall: Hall, language: str, said: str) -> None:
    _, booking = await summoned(hall)
    async with hall.db.transaction() as tx:
        await tx.execute("update assessments.candidates set language = $2 where id = $1", hall.street.noor_id, language)
        await turnings_away.turn_away(tx, booking, "conduct", by=None, now=hall.street.now)
    await hall.street.react()
    async with hall.db.transaction() as tx:
        await turnings_away.take_back(tx, booking, by=None, now=hall.street.now)
    assert said in (await letters(hall))[-1][1]


async def test_what_nobody_was_told_is_taken_back_in_silence(hall: Hall) -> None:
    """Before the worker came to it; and a turning away that stands is told once, whatever went before."""
    _, booking = await summoned(hall)
    now = hall.street.now
    async with hall.db.transaction() as tx:
        await turnings_away.turn_away(tx, booking, "jury", by=None, now=now)
    async with hall.db.transaction() as tx:
        await turnings_away.take_back(tx, booking, by=None, now=now)
    assert await letters(hall) == []
    for act in (turnings_away.take_back, None):
        async with hall.db.transaction() as tx:
            now += timedelta(seconds=1)
            await turnings_away.turn_away(tx, booking, "jury", by=None, now=now)
            if act:
                await act(tx, booking, by=None, now=now)
    assert [gone for _, _, gone in await letters(hall)] == [True]


async def test_who_has_it_again_after_the_list_was_closed_is_summoned_with_the_others(hall: Hall) -> None:
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = UUID((await hall.street.book(session)).headers["location"].rpartition("/")[2])
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now + timedelta(hours=1))
        await turnings_away.turn_away(tx, booking, "organisation", by=None, now=hall.street.now)
        await sessions.lock(tx, session, by=None, now=hall.street.now)
        await turnings_away.take_back(tx, booking, by=None, now=hall.street.now)
    await hall.street.react()
    async with hall.db.read() as tx:
        assert (await bookings.get(tx, booking)).state == "convoked"


async def test_programs_take_it_back_at_the_address_that_turns_away(hall: Hall) -> None:
    _, booking = await summoned(hall)
    here = f"/api/v1/bookings/{booking}/turning-away"
    early = await hall.manager.delete(here)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/not-in-that-state")
    assert (await hall.manager.post(here, json={"cause": "room"})).json()["release"] == "turned_away"
    assert (await hall.street.other_manager.delete(here)).status_code == 404
    back = await hall.manager.delete(here)
    assert (back.status_code, back.json()["release"], back.json()["state"]) == (200, None, "convoked")


@pytest.mark.parametrize("lost", ["turning-away", "no-show"])
async def test_a_place_that_they_cannot_have_again_is_not_offered(hall: Hall, lost: str) -> None:
    """The list says why, in words for the centre; who sends it all the same reads the same."""
    session, booking = await summoned(hall)
    later = await hall.planned(days=1)
    here = f"/centre/bookings/{booking}"
    form = {"cause": "jury"} if lost == "turning-away" else None
    assert (await hall.manager.post(f"{here}/{lost}", data=form)).status_code == 303
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, later, by=None, now=hall.street.now)
        instead = await bookings.book(tx, later, hall.street.noor_id, by=None, now=hall.street.now)
    day = await hall.manager.get(f"/centre/sessions/{session}/day")
    assert f"{here}/{lost}/removal" not in day.text
    said = "Cette personne a entre-temps une autre place pour cette épreuve"
    assert said in text(day)
    refused = await hall.manager.post(f"{here}/{lost}/removal")
    assert (refused.status_code, refused.text.count(said)) == (409, 2)
    async with hall.db.transaction() as tx:
        await bookings.release_seat(tx, instead, "cancelled_by_centre", by=None, now=hall.street.now)
    assert f"{here}/{lost}/removal" in (await hall.manager.get(f"/centre/sessions/{session}/day")).text
    assert (await hall.manager.post(f"{here}/{lost}/removal")).status_code == 303


async def test_an_identity_check_that_a_grid_follows_is_not_offered(hall: Hall) -> None:
    """Of the one who has a grid; a grid that is discarded stands in nobody's way. Reception sees of the grid nothing else."""
    session, booking = await hall.running()
    async with hall.db.transaction() as tx:
        noor = await bookings.get(tx, booking)
        grid = await recordings.start(tx, booking, hall.evaluator_id, "evaluator", now=noor.starts_at)
    reception = await signed_in(hall.street.app, "desk@example.org", "reception", centre_id=hall.street.room.centre_id)
    day, removal = f"/centre/sessions/{session}/day", f"/centre/bookings/{booking}/identity-check/removal"
    for person in (reception, hall.manager, hall.administrator):
        page = await person.get(day)
        assert (removal in page.text, "Une grille a été commencée" in text(page)) == (False, True)
    async with hall.db.transaction() as tx:
        await recordings.discard(tx, grid, by=hall.evaluator_id, now=noor.starts_at)
    page = await reception.get(day)
    assert (removal in page.text, "Une grille a été commencée" in text(page)) == (True, False)


async def test_nobody_elses_centre_learns_what_can_be_taken_back(hall: Hall) -> None:
    """The question is asked within the reach of whoever asks it."""
    session, booking = await hall.running()
    async with hall.db.transaction() as tx:
        await recordings.start(tx, booking, hall.evaluator_id, "evaluator", now=hall.street.start)
    asked = "select count(*) from scheduling.kept_as_noted($1, $2)"
    for centre, role, seen in (
        (hall.street.room.centre_id, "reception", 1), (hall.street.room.centre_id, "candidate", 0),
        (UUID(int=1), "reception", 0), (UUID(int=1), "administrator", 1),
    ):  # fmt: skip
        async with hall.street.app.state.running.db.transaction() as tx:
            await tx.execute(
                """select set_config('preuve.reach', '', true), set_config('preuve.role', $1, true),
                          set_config('preuve.centre', $2, true)""",
                role,
                str(centre),
            )
            assert await tx.fetchval(asked, session, hall.street.start) == seen
