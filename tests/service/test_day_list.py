"""The list of the day and the door: what is offered when."""

import re
from datetime import timedelta
from uuid import UUID

import pytest

from scheduling import bookings, sessions, turnings_away
from service import check_in_codes
from service.settings import secret
from tests.builders.hall import Hall, text
from tests.builders.stage import begins_at
from tests.builders.web import signed_in


async def test_nobody_is_received_or_turned_away_before_the_day_nor_absent_before_the_hour(hall: Hall) -> None:
    """Early, what can be noted is behind a disclosure, and a sentence says when; the door says that it is not today."""
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    await hall.manager.post(f"/centre/sessions/{session}/lock")
    door = f"/check-in/{check_in_codes.code(secret(hall.street.app.state.settings), UUID(booking))}"

    async def seen() -> tuple[bool, bool, bool, bool]:
        page = (await hall.manager.get(f"/centre/sessions/{session}/day")).text
        at_once = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
        at_the_door = "turning-away" in (await hall.manager.get(door)).text
        assert at_the_door == ("turning-away" in page)
        return "identity-check" in at_once, "no-show" in at_once, "no-show" in page, at_the_door

    assert await seen() == (False, False, False, False)
    early = text(await hall.manager.get(f"/centre/sessions/{session}/day"))
    assert "Vous accueillez les candidats le mardi 15 septembre 2026" in early
    assert "Une absence se note à partir de 9 h 00" in early
    assert "aussi pour refuser l’accès à l’épreuve" in early
    assert "L’épreuve n’est pas aujourd’hui" in text(await hall.manager.get(door))
    assert "est refusée ce jour-là" in text(await hall.manager.get(door))
    sent = await hall.manager.post(f"/centre/bookings/{booking}/turning-away", data={"cause": "equipment"})
    assert (sent.status_code, "aucun refus ne peut encore être noté" in text(sent)) == (409, True)
    for hours, expected in ((2, (True, False, False, True)), (-1, (True, True, True, True))):
        async with hall.db.transaction() as tx:
            await tx.execute(
                "update scheduling.sessions set test_time = tstzrange($2::timestamptz, $2 + interval '4 hours') where id = $1",
                session,
                hall.street.now + timedelta(hours=hours),
            )
        assert await seen() == expected
        assert "pas aujourd’hui" not in text(await hall.manager.get(door))


async def test_once_the_test_has_begun_it_is_its_day(hall: Hall) -> None:
    """Also where it began before the day that was planned: who cannot go on is turned away."""
    session, booking = await hall.running()
    day, here = f"/centre/sessions/{session}/day", f"/centre/bookings/{booking}"
    assert hall.street.now.date() < hall.street.start.date()
    async with hall.db.transaction() as tx:
        await tx.execute("update scheduling.sessions set started_at = $2 where id = $1", session, hall.street.now)
    assert (await hall.manager.post(f"{here}/identity-check/removal")).status_code == 303
    assert f'action="{here}/turning-away"' in (await hall.manager.get(day)).text
    assert (await hall.manager.post(f"{here}/turning-away", data={"cause": "identity"})).status_code == 303
    async with hall.db.read() as tx:
        assert (await bookings.get(tx, booking)).release == "turned_away"


async def test_what_reception_notes_by_mistake_it_takes_back(hall: Hall) -> None:
    """An absence and a check-in, before the test and during it; what was noted anew counts, and the trail says who."""
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    await hall.manager.post(f"/centre/sessions/{session}/lock")
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now - timedelta(hours=1))
    reception = await signed_in(hall.street.app, "desk@example.org", "reception", centre_id=hall.street.room.centre_id)
    day, here = f"/centre/sessions/{session}/day", f"/centre/bookings/{booking}"

    async def note(*steps: str) -> str:
        for step in steps:
            answer = await reception.post(f"{here}/{step}")
            assert answer.headers.get("location") == f"{day}#booking-{booking}", text(answer)
        return (await reception.get(day)).text

    page = await note("no-show")
    assert f'action="{here}/no-show/removal"' in page
    page = await note("no-show/removal")
    assert f'action="{here}/identity-check"' in page
    page = await note("identity-check", "contract")
    assert f'action="{here}/identity-check/removal"' in page
    page = await note("identity-check/removal", "identity-check", "contract")
    assert (await hall.manager.post(f"/centre/sessions/{session}/start")).status_code == 303
    page = await note("identity-check/removal")
    assert f'action="{here}/no-show"' in page
    ended = await hall.manager.post(f"/centre/sessions/{session}/end")
    assert (ended.status_code, "la présence ou l’absence n’est pas notée" in text(ended)) == (409, True)
    await note("no-show", "no-show/removal", "identity-check", "contract")
    await hall.street.react()
    assert (await hall.manager.post(f"/centre/sessions/{session}/end")).status_code == 303
    late = await reception.post(f"{here}/identity-check/removal")
    assert (late.status_code, "removal" in (await reception.get(day)).text) == (409, False)
    async with hall.db.read() as tx:
        back = await tx.fetch(
            """select role, changes from service.audit where subject_id = $1 and changes -> 'released_at' ->> 1 is null
                 and changes ? 'released_at' and changes ? 'release' order by id""",
            UUID(booking),
        )
        assert await tx.fetchval("select attended_at is not null from scheduling.bookings where id = $1", UUID(booking))
    assert [(row["role"], row["changes"]["release"]) for row in back] == [("reception", ["no_show", None])] * 2


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("equipment", "Un équipement est en panne. À charge du centre. Passe en premier pour la prochaine place."),
        ("late", "Arrivée trop tardive. À charge de la personne."),
    ],
)
async def test_who_is_turned_away_is_listed_with_the_cause_and_with_who_bears_it(
    hall: Hall, cause: str, said: str
) -> None:
    """On the list of the day, at the door, on the waiting lists, and on the candidate's own page, all say the same."""
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    await hall.manager.post(f"/centre/sessions/{session}/lock")
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now + timedelta(hours=1))
    reception = await signed_in(hall.street.app, "desk@example.org", "reception", centre_id=hall.street.room.centre_id)
    answer = await reception.post(f"/centre/bookings/{booking}/turning-away", data={"cause": cause})
    assert answer.status_code == 303
    ours = cause in turnings_away.OURS
    door = f"/check-in/{check_in_codes.code(secret(hall.street.app.state.settings), UUID(booking))}"
    for page in (f"/centre/sessions/{session}/day", door):
        assert said in text(await reception.get(page))
    waiting = text(await hall.manager.get("/centre/waiting"))
    assert ("Passent en premier, mais pas encore sur une liste" in waiting, "Noor" in waiting) == (ours, ours)
    own = await hall.street.noor.get(f"/bookings/{booking}")
    assert ("Vous passez en premier pour la prochaine place" in text(own)) == ours
    assert ('href="/waiting/new?unit=MACO-1&amp;language=fr"' in own.text) == ours
    (file,) = (await hall.street.noor.get("/api/v1/enrolments")).json()
    assert (await hall.street.noor.post(f"/api/v1/enrolments/{file['id']}/withdrawal")).status_code == 200
    assert "Noor" not in text(await hall.manager.get("/centre/waiting")), "nobody looks for a place for who gave it up"


async def test_the_door_leads_reception_only_to_pages_that_it_may_open(hall: Hall) -> None:
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    reception = await signed_in(hall.street.app, "desk@example.org", "reception", centre_id=hall.street.room.centre_id)
    door = f"/check-in/{check_in_codes.code(secret(hall.street.app.state.settings), UUID(booking))}"
    for state in ("open", "locked"):
        page = (await reception.get(door)).text.partition("<main")[2]
        for address in set(re.findall(r'href="(/[^"#]*)"', page)):
            assert (await reception.get(address)).status_code == 200, (state, address)
        if state == "open":
            assert "La personne qui planifie la session clôture la liste" in text(
                await reception.get(f"{door}?lang=fr")
            )
        await hall.manager.post(f"/centre/sessions/{session}/lock")


async def test_who_shows_an_old_code_is_sent_to_the_place_that_they_have_now(hall: Hall) -> None:
    first, other = await hall.planned(), await hall.planned(days=7)
    for session in (first, other):
        async with hall.db.transaction() as tx:
            await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    booking = (await hall.street.book(first)).headers["location"].rpartition("/")[2]
    door = f"/check-in/{check_in_codes.code(secret(hall.street.app.state.settings), UUID(booking))}"
    chosen = await hall.street.noor.post(
        f"/bookings/{booking}/rescheduling", data={"session_id": str(other), "key": "form-key-9"}
    )
    assert chosen.status_code == 303, text(chosen)
    page = await hall.manager.get(door)
    assert "Cette place n’est plus à cette personne" in text(page)
    assert f'href="/centre/sessions/{other}/day"' in page.text
