"""Hold, confirm, another date, excuse, waiting list and measures, as people meet them on pages and programs in the API."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from scheduling import bookings, seats
from tests.builders.pages import Street, a_street
from tests.builders.watch import Watch
from tests.service.test_pages_candidate import read

WAIT = {
    "unit": "MACO-1",
    "earliest": "2026-09-01",
    "latest": "",
    "languages": ["fr", "nl"],
    "mornings": ["1", "2", "3", "4", "5"],
    "afternoons": ["1", "2"],
}


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
async def street(
    database_url: str, valkey_url: str, tmp_path: Path, watch: Callable[[], datetime], now: datetime
) -> AsyncIterator[Street]:
    async with a_street(database_url, valkey_url, tmp_path, watch, now) as street:
        yield street


async def held(street: Street, session: object, key: str = "form-key-1", who: httpx.AsyncClient | None = None) -> str:
    answer = await (who or street.noor).post("/holds", data={"session_id": str(session), "key": key})
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_a_place_is_held_counted_down_and_confirmed(street: Street) -> None:
    session = await street.open_session()
    booking = await held(street, session)
    assert await held(street, session) == booking, "pressed twice it is one hold"
    page = await read(street.noor, booking)
    assert "This place is held for you" in page
    assert 'data-seconds="600"' in page
    assert "A place is free for you" not in await read(street.noor, "/waiting"), (
        "their own hold is no offer of the list"
    )
    for _ in range(2):
        assert (await street.noor.post(f"{booking}/acceptance")).headers["location"] == booking
    assert "Your place is booked" in await read(street.noor, booking)


async def test_after_its_time_the_page_says_so_kindly(street: Street, watch: Watch) -> None:
    booking = await held(street, await street.open_session())
    watch.now += timedelta(minutes=10)
    refused = (await street.noor.post(f"{booking}/acceptance")).headers["location"]
    page = await read(street.noor, refused)
    assert "The time to confirm this place is over" in page
    assert "Choose another date" in page
    assert "Choose a date" in await read(street.noor, "/journey")


async def test_another_date_in_one_step_and_never_without_one(street: Street) -> None:
    first, second = await street.open_session(), await street.open_session(days=1, seats=1)
    booking = (await street.book(first)).headers["location"]
    page = await read(street.noor, f"{booking}/rescheduling")
    assert "Take this place instead" in page
    await street.book(second, who=street.sam)
    page = await read(street.noor, f"{booking}/rescheduling")
    assert ("Take this place instead" in page, "You cannot take another date now" in page) == (False, True)
    assert 'name="query" value="what=MACO-1"' in page, "they can be told when there is one"
    order = {"session_id": str(second), "key": "another-1"}
    answer = await street.noor.post(f"{booking}/rescheduling", data=order)
    assert answer.status_code == 409
    third = await street.open_session(days=2)
    order = {"session_id": str(third), "key": "another-2"}
    moved = [(await street.noor.post(f"{booking}/rescheduling", data=order)).headers["location"] for _ in range(2)]
    assert moved[0] == moved[1] != booking
    page = await read(street.noor, booking)
    assert "You chose another date" in page
    assert f'href="{moved[0]}"' in page, "the way leads to the place they have"
    assert "/sessions?what=MACO-1" not in page, "and not to dates that they cannot book"
    await street.react()


@pytest.mark.parametrize("gone", ["exchanged", "cancelled", "held"])
async def test_who_goes_back_to_choosing_a_date_reads_how_the_place_stands(street: Street, gone: str) -> None:
    first, second, third = [await street.open_session(days=days) for days in (0, 1, 2)]
    booking = await held(street, first) if gone == "held" else (await street.book(first)).headers["location"]
    order = {"session_id": str(second), "key": "another-1"}
    if gone == "exchanged":
        assert (await street.noor.post(f"{booking}/rescheduling", data=order)).status_code == 303
    if gone == "cancelled":
        await street.noor.post(f"{booking}/cancellation")
    answer = await street.noor.get(f"{booking}/rescheduling")
    assert (answer.status_code, answer.headers.get("location")) == (303, booking), "it is not said that they keep it"
    again = await street.noor.post(f"{booking}/rescheduling", data={"session_id": str(third), "key": "another-2"})
    assert again.headers["location"] == f"{booking}?refused=not-in-that-state"
    await street.react()


async def test_an_absence_is_explained_and_answered(street: Street) -> None:
    booking = (await street.book(await street.open_session())).headers["location"]
    async with street.db.transaction() as tx:
        await bookings.release_seat(tx, booking_id(booking), "no_show", by=None, now=street.start)
    assert "Could you not come?" in await read(street.noor, booking)
    await street.noor.post(f"{booking}/excuse", data={"reason": "mon fils était malade"})
    assert "mon fils était malade" not in await read(street.other_manager, "/centre/excuses")
    page = await read(street.manager, "/centre/excuses")
    assert "mon fils était malade" in page
    answer = re.search(r'action="(/centre/excuses/[^"]+/answer)"', page)
    assert answer
    assert (await street.other_manager.post(answer[1], data={"answer": "excused"})).status_code == 404
    assert (await street.manager.post(answer[1], data={"answer": "refused"})).status_code == 422
    await street.manager.post(answer[1], data={"answer": "excused"})
    assert "The centre has excused you" in await read(street.noor, booking)
    await street.react()


def booking_id(address: str) -> UUID:
    return UUID(address.rpartition("/")[2])


async def test_a_full_place_says_what_is_short_and_the_list_leads_to_an_offer_in_one_tap(
    street: Street, watch: Watch
) -> None:
    session = await street.open_session(seats=1)
    theirs = (await street.book(session, who=street.sam)).headers["location"]
    page = await read(street.noor, f"/sessions/{session}")
    assert "All places are taken" in page
    assert "Nobody waits for this test yet." in page
    assert 'href="/waiting/new?unit=MACO-1&amp;language=fr"' in page
    assert "Languages in which you can take the test" in await read(street.noor, "/waiting/new?unit=MACO-1")
    assert (await street.noor.post("/waiting", data={**WAIT, "languages": []})).status_code == 422
    assert (await street.noor.post("/waiting", data=WAIT)).headers["location"] == "/waiting"
    assert "You are number 1 of 1." in await read(street.noor, "/waiting")
    assert "You are number 1 on the list" in await read(street.noor, "/journey")
    assert "Noor Peeters" in await read(street.manager, "/centre/waiting")
    await street.sam.post(f"{theirs}/cancellation")
    await street.react()
    page = await read(street.noor, "/waiting")
    assert "A place is free for you" in page
    assert "Language of the test: Français" in page, "it is taken in one tap"
    yes = re.search(r'action="(/bookings/[^"]+/acceptance)"', page)
    assert yes
    place = await read(street.noor, yes[1].removesuffix("/acceptance"))
    assert "Confirm it by Wednesday, 2 September 2026, " in place, "an offer lasts until tomorrow"
    async with street.db.read() as tx:
        letters = await tx.fetch("select subject, body from service.mails where recipient = 'noor@example.org'")
    assert [letter["subject"] for letter in letters] == [
        "Une place est libre pour vous\N{NO-BREAK SPACE}: Monter un mur en blocs"
    ]
    assert "Langue de l’épreuve\N{NO-BREAK SPACE}: Français" in letters[0]["body"]
    await street.noor.post(yes[1])
    await street.react()
    assert "You are on no waiting list" in await read(street.noor, "/waiting")


@pytest.mark.parametrize(
    ("said", "ticked"),
    [("", ["fr"]), ("&language=nl", ["nl"]), ("&language=de", []), ("&language=xx", ["fr"])],
    ids=["their own", "that of the search", "one in which it is not held", "none"],
)
async def test_a_new_wish_begins_with_the_language_that_was_said(street: Street, said: str, ticked: list[str]) -> None:
    """And with no other; what was said before is there as it was."""
    page = await read(street.noor, f"/waiting/new?unit=MACO-1{said}")
    assert re.findall(r'name="languages" value="(..)" checked', page) == ticked
    assert "This test is held in: Français and Nederlands." in page
    assert re.findall(r'name="mornings" value="(.)" checked', page) == ["1", "2", "3", "4", "5"]
    await street.noor.post("/waiting", data=WAIT)
    page = await read(street.noor, f"/waiting/new?unit=MACO-1{said}")
    assert re.findall(r'name="languages" value="(..)" checked', page) == ["fr", "nl"]


async def test_what_nobody_answers_goes_to_the_next_one(street: Street, watch: Watch) -> None:
    session = await street.open_session(seats=1)
    for who in (street.noor, street.sam):
        await who.post("/waiting", data=WAIT)
        watch.now += timedelta(minutes=1)
    await street.react()
    assert "A place is free for you" in await read(street.noor, "/waiting")
    assert "A place is free for you" not in await read(street.sam, "/waiting")
    watch.now += timedelta(hours=24)
    async with street.db.transaction() as tx:
        assert await seats.expire(tx, now=watch.now) == 1
    await street.react()
    async with street.db.read() as tx:  # by now everybody is signed out
        holder = "select candidate_id from scheduling.bookings where released_at is null"
        assert await tx.fetchval(holder) == street.sam_id
        assert await tx.fetchval("select taken from scheduling.sessions where id = $1", session) == 1


async def test_the_rule_is_published_and_an_empty_search_says_what_is_missing(street: Street) -> None:
    assert "Then who has waited longer" in await read(street.stranger, "/waiting/rule")
    page = await read(street.stranger, "/sessions?what=MACO-1")
    assert "Why is there no place?" in page
    assert "There are too few evaluators" in page
    said = (await street.stranger.get("/api/v1/why-not?unit=MACO-1", headers={"accept-language": "en"})).json()
    assert (said["bottleneck"], said["waiting"], said["before_me"]) == ("evaluator", 0, None)


async def test_what_i_need_is_asked_granted_and_changes_what_is_booked(street: Street) -> None:
    booking = (await street.book(await street.open_session())).headers["location"]
    await street.noor.post("/measures", data={"measure": "extra_time", "percent": "25"})
    assert (await street.noor.post("/measures", data={"measure": "extra_time", "percent": "25"})).status_code == 409
    page = await read(street.manager, "/centre/measures")
    answer = re.search(r'action="(/centre/measures/[^"]+/answer)"', page)
    assert answer
    assert (await street.other_manager.post(answer[1], data={"answer": "granted"})).status_code == 404
    await street.manager.post(answer[1], data={"answer": "granted", "percent": "25"})
    assert "60 minutes more" in await read(street.noor, booking)
    assert "Granted" in await read(street.noor, "/measures")
    await street.react()


async def test_programs_do_the_same(street: Street) -> None:
    session, other = await street.open_session(seats=1), await street.open_session(days=1)
    keyed = {"Idempotency-Key": "k1"}
    order = {"session_id": str(session)}
    mine = await street.noor.post("/api/v1/holds", json=order, headers=keyed)
    assert (mine.status_code, mine.json()["state"]) == (201, "held")
    assert (await street.noor.post("/api/v1/holds", json=order, headers=keyed)).json() == mine.json()
    here = f"/api/v1/bookings/{mine.json()['id']}"
    assert (await street.noor.post(f"{here}/acceptance")).json()["state"] == "confirmed"
    place = (await street.sam.get(f"/api/v1/places/{session}")).json()
    assert (place["why_not"]["bottleneck"], place["why_not"]["next_session_id"]) == ("none", str(other))
    wish = {"unit": "MACO-1", "languages": ["fr"], "earliest": "2026-09-01", "latest": "2026-09-15"}
    entry = await street.sam.post("/api/v1/waiting", json=wish)
    assert (entry.status_code, entry.json()["place"]) == (201, 1)
    moved = await street.noor.post(
        f"{here}/rescheduling", json={"session_id": str(other)}, headers={"Idempotency-Key": "k2"}
    )
    assert moved.status_code == 201
    await street.react()
    offered = next(one for one in (await street.sam.get("/api/v1/bookings")).json() if one["state"] == "held")
    assert (await street.sam.post(f"/api/v1/bookings/{offered['id']}/acceptance")).status_code == 201
    await street.react()
    assert (await street.sam.get("/api/v1/waiting")).json() == []
    assert (await street.sam.delete(f"/api/v1/waiting/{entry.json()['id']}")).status_code == 204
    assert (await street.noor.delete(f"/api/v1/waiting/{entry.json()['id']}")).status_code == 404
