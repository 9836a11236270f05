"""The pages that plan a session anew say at once when nothing can be sent any more, or not yet: in place of the form."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from assessments import accommodations
from scheduling import attendance, bookings, sessions
from tests.builders.hall import Hall, text
from tests.builders.stage import begins_at

FORMS = {
    "split": {"day": ""}, "merge": {"reason": "Panne"}, "time": {"day": ""}, "cancellation": {"reason": "Panne"},
    "places": {"seats": "3"},
}  # fmt: skip


async def at(hall: Hall, state: str) -> UUID:
    """Noor's session in this state."""
    if state in ("running", "to_deliberate"):
        session, _ = await hall.running()
        if state == "to_deliberate":
            async with hall.db.transaction() as tx:
                await sessions.end(tx, session, by=None, now=hall.street.start)
        return session
    session, now = await hall.planned(), hall.street.now
    async with hall.db.transaction() as tx:
        if state == "cancelled":
            await sessions.cancel(tx, session, reason="Panne", by=None, now=now)
        if state in ("draft", "cancelled"):
            return session
        await sessions.open_for_booking(tx, session, by=None, now=now)
        if state == "empty":
            return session
        booking = await bookings.book(tx, session, hall.street.noor_id, by=None, now=now)
        if state in ("locked", "received"):
            await sessions.lock(tx, session, by=None, now=now)
        if state == "received":
            await attendance.check_in(tx, booking, by=None, now=now)
    return session


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("running", "L’épreuve a commencé"), ("to_deliberate", "L’épreuve est terminée"),
        ("cancelled", "Cette session a été annulée"),
    ],
)  # fmt: skip
async def test_once_the_test_has_begun_no_form_opens(hall: Hall, state: str, said: str) -> None:
    """Nor after it, nor once it was cancelled; who sends one all the same reads the same. A copy can still be made."""
    session = await at(hall, state)
    for form, data in FORMS.items():
        here = f"/centre/sessions/{session}/{form}"
        for page in (await hall.manager.get(here), await hall.manager.post(here, data=data)):
            assert page.status_code in (200, 409, 422), form
            assert said in text(page), form
            assert "Retour à la session" in text(page), form
            assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0], form
    assert "<form" in (await hall.manager.get(f"/centre/sessions/{session}/copy")).text.partition("<main")[2]


@pytest.mark.parametrize(
    ("form", "state", "said"),
    [
        ("split", "draft", "n’est pas encore ouverte aux réservations"), ("split", "locked", "La liste est clôturée"),
        ("split", "empty", "Personne n’a encore réservé"), ("merge", "received", "qui a été accueilli"),
        ("announcement", "open", "avant que la session ne s’ouvre"), ("announcement", "running", "L’épreuve a commencé"),
    ],
)  # fmt: skip
async def test_what_a_form_asks_of_the_session_is_said_before_it_is_filled_in(
    hall: Hall, form: str, state: str, said: str
) -> None:
    page = await hall.manager.get(f"/centre/sessions/{await at(hall, state)}/{form}")
    assert (page.status_code, said in text(page)) == (200, True), text(page)
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ("split", "open"), ("merge", "open"), ("time", "draft"), ("time", "received"), ("cancellation", "received"),
        ("announcement", "draft"),
    ],
)  # fmt: skip
async def test_what_may_still_be_done_has_its_form(hall: Hall, form: str, state: str) -> None:
    session = await at(hall, state)
    if form == "merge":
        other = await hall.planned(days=1)
        async with hall.db.transaction() as tx:
            await sessions.open_for_booking(tx, other, by=None, now=hall.street.now)
    page = await hall.manager.get(f"/centre/sessions/{session}/{form}")
    assert "<form" in page.text.partition("<main")[2].partition("</main>")[0]


async def test_nobody_is_engaged_for_who_takes_the_test_already(hall: Hall) -> None:
    session, _ = await hall.running()
    async with hall.db.transaction() as tx:
        asked = await accommodations.request(tx, hall.street.noor_id, "reader", now=hall.street.now)
        await accommodations.grant(tx, asked, by=None, now=hall.street.now)
    page = await hall.manager.get(f"/centre/sessions/{session}/companions")
    assert "L’épreuve a commencé" in text(page)
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]


def main(page: httpx.Response) -> str:
    return page.text.partition("<main")[2].partition("</main>")[0]


LATE = "C’est trop tard pour cela. La session peut encore être déplacée ou annulée."


@pytest.mark.parametrize(
    ("state", "form", "data"),
    [
        ("open", "split", {"seats": "1"}), ("open", "places", {"seats": "3"}), ("draft", "places", {"seats": "3"}),
        ("draft", "announcement", {"day": "2026-09-10", "at": "12:00"}),
    ],
)  # fmt: skip
async def test_once_the_hour_has_come_it_is_too_late_whether_the_test_began_or_not(
    hall: Hall, state: str, form: str, data: dict[str, str]
) -> None:
    """At the very hour; the session offers no more what it would refuse."""
    session = await at(hall, state)
    here = f"/centre/sessions/{session}"
    assert f"{here}/{form}" in main(await hall.manager.get(here))
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now)
    assert f"{here}/{form}" not in main(await hall.manager.get(here))
    for page in (await hall.manager.get(f"{here}/{form}"), await hall.manager.post(f"{here}/{form}", data=data)):
        assert (LATE in text(page), "<form" in main(page)) == (True, False), text(page)


async def test_a_session_that_did_not_take_place_is_moved_merged_or_cancelled(hall: Hall) -> None:
    """Nobody began it: its people are waiting for something to happen with their places."""
    session, other = await at(hall, "open"), await hall.planned(days=1)
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, other, by=None, now=hall.street.now)
        await begins_at(tx, session, hall.street.now - timedelta(days=1))
    here = f"/centre/sessions/{session}"
    page = await hall.manager.get(here)
    assert "L’heure de l’épreuve est venue, et elle n’a pas commencé" in text(page)
    for form in ("time", "merge", "cancellation"):
        assert f"{here}/{form}" in main(page)
        assert "<form" in main(await hall.manager.get(f"{here}/{form}")), form
    moved = {"day": "2026-09-17", "at": "09:00", "room_id": str(hall.street.room.id), "version": "*"}
    assert (await hall.manager.post(f"{here}/time", data=moved)).status_code == 303
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now - timedelta(days=1))
    merged = await hall.manager.post(f"{here}/merge", data={"into": str(other), "reason": "Panne"})
    assert merged.headers.get("location") == f"/centre/sessions/{other}", text(merged)


async def test_a_draft_whose_hour_has_come_is_not_opened(hall: Hall) -> None:
    session = await at(hall, "draft")
    here = f"/centre/sessions/{session}"
    assert f"{here}/opening" in main(await hall.manager.get(here))
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now)
    page = await hall.manager.get(here)
    assert (LATE in text(page), f"{here}/opening" in page.text) == (True, False)


async def test_once_the_hour_has_come_nobody_is_asked_into_a_jury_but_seated(hall: Hall) -> None:
    """The list can still be closed, and the test begin late: the seat goes to who has agreed already."""
    session = await at(hall, "open")
    async with hall.db.transaction() as tx:
        await tx.execute("delete from scheduling.jury_seats where session_id = $1 and role = 'observer'", session)
    jury = f"/centre/sessions/{session}/jury"
    assert "/invitations" in main(await hall.manager.get(jury))
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now)
    page = await hall.manager.get(jury)
    assert ("/invitations" in page.text, "il n’est plus possible d’inviter" in text(page)) == (False, True)
    given = await hall.manager.post(f"{jury}-seats", data={"assessor_id": str(hall.observer_id), "role": "observer"})
    assert given.status_code == 303
