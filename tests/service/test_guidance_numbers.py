"""How many failures come before guidance is a number of the scheme: whoever is sent to a meeting reads that number."""

from uuid import UUID

import pytest

from scheduling import bookings, sessions
from tests.builders.hall import Hall, text
from tests.journeys.test_draw_pages import announce, draw

AFTER = {
    1: {
        "fr": "Après 1 échec à cette unité", "nl": "Na 1 keer niet slagen",
        "en": "After 1 failure on this unit", "de": "Nach 1 Misserfolg in dieser Einheit",
    },
    3: {
        "fr": "Après 3 échecs à cette unité", "nl": "Na 3 keer niet slagen",
        "en": "After 3 failures on this unit", "de": "Nach 3 Misserfolgen in dieser Einheit",
    },
}  # fmt: skip
JOURNEY = {
    1: {
        "fr": "1 essai n’a pas réussi.", "nl": "1 poging is niet gelukt.",
        "en": "1 attempt did not succeed.", "de": "1 Versuch ist nicht gelungen.",
    },
    3: {
        "fr": "3 essais n’ont pas réussi.", "nl": "3 pogingen zijn niet gelukt.",
        "en": "3 attempts did not succeed.", "de": "3 Versuche sind nicht gelungen.",
    },
}  # fmt: skip
KEY = {"Idempotency-Key": "guidance-numbers-1"}
NUMBERS = pytest.mark.parametrize("number", [1, 3])


async def guides_after(hall: Hall, number: int) -> None:
    async with hall.db.transaction() as tx:
        await tx.execute("update assessments.schemes set failures_before_guidance = $1", number)


async def fails(hall: Hall, number: int) -> None:
    for weeks in range(number, 0, -1):
        await hall.street.tested(hall.street.noor_id, "fail", days_ago=7 * weeks, i1_1="not_met")
        await hall.street.react()


async def a_place(hall: Hall, *, days: int = 0) -> UUID:
    session = await hall.planned(days=days)
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    return session


@NUMBERS
async def test_on_pages_and_to_programs_in_four_languages(hall: Hall, number: int) -> None:
    await guides_after(hall, number)
    await fails(hall, number)
    session, noor = await a_place(hall), hall.street.noor
    order = {"session_id": str(session), "key": "form-key-1"}
    for language, said in AFTER[number].items():
        noor.cookies.set("language", language)
        assert JOURNEY[number][language] in text(await noor.get("/journey"))
        assert said in text(await noor.get(f"/sessions/{session}"))
        refused = await noor.post("/holds", data=order, follow_redirects=True)
        assert text(refused).count(said) == 2, "above, and beside the place"
        told = (await noor.post("/api/v1/bookings", json={"session_id": str(session)}, headers=KEY)).json()
        assert told["type"] == "/problems/guidance-required"
        assert told["detail"].startswith(said)
        assert told["why_not"]["advice"] == told["detail"]
        assert told["why_not"]["failures"] == number


async def test_who_cannot_change_because_the_scheme_was_made_stricter(hall: Hall) -> None:
    """A place that was taken before stays; another one is refused, in the number that holds now."""
    await guides_after(hall, 4)
    await fails(hall, 3)
    session, other, noor = await a_place(hall), await a_place(hall, days=1), hall.street.noor
    async with hall.db.transaction() as tx:
        booking = await bookings.book(tx, session, hall.street.noor_id, by=None, now=hall.street.now)
    await guides_after(hall, 3)
    noor.cookies.set("language", "fr")
    order = {"session_id": str(other), "key": "form-key-2"}
    refused = await noor.post(f"/bookings/{booking}/rescheduling", data=order)
    assert (refused.status_code, AFTER[3]["fr"] in text(refused)) == (409, True)
    there = await noor.get(f"/bookings/{booking}?refused=guidance-required")
    assert AFTER[3]["fr"] in text(there)


async def test_who_falls_out_of_a_draw(hall: Hall) -> None:
    await guides_after(hall, 4)
    session, noor = await hall.planned(seats=1), hall.street.noor
    noor.cookies.set("language", "fr")
    opening = await announce(hall, session)
    assert (await noor.post(f"/openings/{opening}/ask")).status_code == 303
    await fails(hall, 3)
    await guides_after(hall, 3)
    await draw(hall, opening)
    assert AFTER[3]["fr"] in text(await noor.get(f"/openings/{opening}"))
    async with hall.db.read() as tx:
        letter: str = await tx.fetchval("select body from service.mails where body ~ 'tirage|tirées'")
    assert AFTER[3]["fr"] in letter
