"""The pages that plan a session anew say at once when nothing can be sent any more, or not yet: in place of the form."""

from uuid import UUID

import pytest

from assessments import accommodations
from scheduling import attendance, bookings, sessions
from tests.builders.hall import Hall, text

FORMS = {"split": {"day": ""}, "merge": {"reason": "Panne"}, "time": {"day": ""}, "cancellation": {"reason": "Panne"}}


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
