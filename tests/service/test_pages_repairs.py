"""What goes wrong and what is mended: invitations, availability, splits, merges, repairs, the door."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

from scheduling import bookings, invitations, priorities, sessions
from service import check_in_codes
from service.settings import secret
from tests.builders.assessments import an_assessor
from tests.builders.hall import Hall, text
from tests.builders.stage import begins_at


async def opened(hall: Hall, *, days: int = 0, seats: int = 2) -> UUID:
    session = await hall.planned(days=days, seats=seats)
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    return session


def plain(said: str) -> str:
    """With ordinary spaces, where French has narrow or hard ones."""
    return said.replace("\xa0", " ").replace("\u202f", " ")


async def letters(hall: Hall) -> list[tuple[str, str]]:
    await hall.street.react()
    async with hall.db.read() as tx:
        rows = await tx.fetch("select recipient, subject from service.mails order by id")
    return [(row["recipient"], plain(row["subject"])) for row in rows]


async def test_an_observer_is_invited_and_answers(hall: Hall) -> None:
    session = await opened(hall)
    async with hall.db.transaction() as tx:
        seat = await tx.fetchval("select id from scheduling.jury_seats where role = 'observer'")
        assert seat
    assert (await hall.manager.post(f"/centre/jury-seats/{seat}/release")).status_code == 303
    order = {"assessor_id": str(hall.observer_id), "role": "observer"}
    answer = await hall.manager.post(f"/centre/sessions/{session}/invitations", data=order)
    assert answer.status_code == 303
    jury = text(await hall.manager.get(f"/centre/sessions/{session}/jury"))
    assert "Invitation envoyée, réponse avant : mardi 8 septembre 2026" in jury
    assert "Hélène Baert Invitation envoyée, réponse avant" in text(
        await hall.manager.get(f"/centre/sessions/{session}")
    )
    assert "attend encore sa réponse" in text(await hall.manager.get(f"/centre/sessions/{session}")), (
        "before it is tried"
    )
    early = await hall.manager.post(f"/centre/sessions/{session}/lock")
    assert "n’a pas accepté son invitation" in text(early)
    async with hall.db.read() as tx:
        (invitation,) = await invitations.of_session(tx, session)
    assert (await hall.evaluator.post(f"/invitations/{invitation.id}/acceptance")).status_code == 404
    assert "Construcity" in text(await hall.observer.get("/invitations"))
    assert (await hall.observer.post(f"/invitations/{invitation.id}/acceptance")).status_code == 303
    assert "Aucune invitation en attente" in text(await hall.observer.get("/invitations"))
    late = await hall.observer.post(f"/invitations/{invitation.id}/refusal")
    assert (late.status_code, "n’est plus ouverte" in text(late)) == (409, True)
    assert (await hall.manager.post(f"/centre/sessions/{session}/lock")).status_code == 303
    subjects = [subject for _, subject in await letters(hall)]
    assert sum("Pouvez-vous venir" in subject for subject in subjects) == 0  # answered before the letter was written
    assert sum("Hélène Baert a accepté" in subject for subject in subjects) == 1


async def test_who_says_no_is_written_to_nobody_but_the_centre(hall: Hall) -> None:
    session = await hall.planned()
    async with hall.db.transaction() as tx:
        seat = await tx.fetchval("select id from scheduling.jury_seats where role = 'observer'")
    await hall.manager.post(f"/centre/jury-seats/{seat}/release")
    order = {"assessor_id": str(hall.observer_id), "role": "observer"}
    await hall.manager.post(f"/centre/sessions/{session}/invitations", data=order)
    assert ("baert@example.org", "Pouvez-vous venir ? Jury du mardi 15 septembre 2026") in await letters(hall)
    async with hall.db.read() as tx:
        invitation = (await invitations.of_session(tx, session))[0]
    assert (await hall.observer.post(f"/invitations/{invitation.id}/refusal")).status_code == 303
    assert any("Hélène Baert ne peut pas venir" in subject for _, subject in await letters(hall))
    async with hall.db.read() as tx:
        body = await tx.fetchval("select body from service.mails where subject like '%ne peut pas venir%'")
    assert f"/centre/sessions/{session}/jury" in body, "the page where somebody else is asked"


async def test_an_assessor_says_when_they_can_come_and_the_centre_sees_it(hall: Hall) -> None:
    me = hall.evaluator
    for form in (
        {"act": "offer", "weekday": "2", "opens": "08:00", "closes": "18:00"},
        {"act": "say", "first_day": "2026-09-15", "last_day": "2026-09-16", "can_come": "no"},
        {"act": "limit", "per_day": "1", "per_week": ""},
    ):
        assert (await me.post("/availability", data=form)).status_code == 303, form
    page = await me.get("/availability")
    assert "Mardi, 08:00–18:00" in text(page)
    assert "Ne peut pas venir" in text(page)
    for form, field in (
        ({"act": "offer", "weekday": "9", "opens": "08:00", "closes": "18:00"}, "weekday"),
        ({"act": "offer", "weekday": "2", "opens": "18:00", "closes": "08:00"}, "opens"),
        ({"act": "say", "first_day": "2026-09-15", "last_day": "2026-09-01"}, "first_day"),
        ({"act": "say", "first_day": "2026-08-03", "can_come": "no"}, "first_day"),
        ({"act": "say", "first_day": "2026-09-15", "first_at": "14:00", "last_at": "12:00"}, "first_at"),
        ({"act": "limit", "per_day": "none"}, "per_day"),
        ({"act": "limit", "per_day": "2", "per_week": "0"}, "per_week"),
    ):
        answer = await me.post("/availability", data=form)
        assert (answer.status_code, f'<a href="#{field}">' in answer.text) == (422, True)
    assert 'name="per_day" type="number" value="1"' in (await me.get("/availability")).text, (
        "a slip takes no limit away"
    )
    calendar = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Secret\r\n"
    calendar += b"DTSTART:20261001T070000Z\r\nDTEND:20261001T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    assert (await me.post("/availability/calendar", files={"file": ("a.ics", calendar)})).status_code == 303
    assert "1 moment occupé" in text(await me.get("/availability"))
    assert (await me.post("/availability/calendar", files={"file": ("a.ics", b"?")})).status_code == 422
    exception = re.findall(r'name="exception_id" value="([^"]*)"', page.text)[0]
    here = f"/centre/assessors/{hall.evaluator_id}/availability"
    assert "Disponibilités de Samir Ouhadi" in text(await hall.manager.get(here))
    session = await next_session(hall)
    jury = await hall.manager.get(f"/centre/sessions/{session}/jury")
    assert "Cette personne a dit qu’elle ne peut pas venir" in text(jury)
    seat = {"assessor_id": str(hall.evaluator_id), "role": "evaluator"}
    assert (await hall.manager.post(f"/centre/sessions/{session}/jury-seats", data=seat)).status_code == 409
    despite = {**seat, "despite": "D’accord par téléphone"}
    assert (await hall.manager.post(f"/centre/sessions/{session}/jury-seats", data=despite)).status_code == 303
    taken_back = await hall.manager.post(here, data={"act": "withdraw", "exception_id": exception})
    assert taken_back.status_code == 303
    assert "Pas d’exception" in text(await me.get("/availability"))


async def test_a_no_is_said_as_it_was_meant_and_a_seat_that_stays_is_named(hall: Hall) -> None:
    """Whole days as days, a morning by its hours; and who can give the seat to somebody else."""
    session = await hall.planned()
    me, here = hall.evaluator, f"/centre/assessors/{hall.evaluator_id}/availability"
    for form in (
        {"act": "say", "first_day": "2026-09-22", "last_day": "2026-09-23", "can_come": "no"},
        {"act": "say", "first_day": "2026-09-29", "first_at": "08:00", "last_at": "12:30", "can_come": "no"},
    ):
        assert (await me.post("/availability", data=form)).status_code == 303
    page = text(await me.get("/availability"))
    assert "mardi 22 septembre 2026 – mercredi 23 septembre 2026" in page
    assert "mardi 29 septembre 2026, de 8 h 00 à 12 h 30" in page
    assert "Un siège dans un jury" not in page
    await me.post("/availability", data={"act": "say", "first_day": "2026-09-15", "last_at": "10:00", "can_come": "no"})
    assert "Dites au centre que vous ne pouvez pas venir" in text(await me.get("/availability"))
    page = await hall.manager.get(here)
    assert f"/centre/repairs/new?subject=assessor:{hall.evaluator_id}" in page.text
    assert (
        await hall.manager.post(f"/centre/sessions/{session}/cancellation", data={"reason": "Panne"})
    ).status_code == 303
    assert "Un siège dans un jury" not in text(await hall.manager.get(here))


async def test_what_fails_for_whole_days_needs_no_hours(hall: Hall) -> None:
    await hall.planned()
    failing = {
        "subject": f"assessor:{hall.evaluator_id}", "from_day": "2026-09-15", "to_day": "2026-09-16", "reason": "Absence",
    }  # fmt: skip
    answer = await hall.manager.post("/centre/repairs", data=failing)
    assert answer.status_code == 303, text(answer)
    page = text(await hall.manager.get(answer.headers["location"]))
    assert "mardi 15 septembre 2026 – mercredi 16 septembre 2026. Absence" in page
    assert "1 session est concernée" in page


async def next_session(hall: Hall) -> UUID:
    plan = sessions.Plan(hall.street.room.id, hall.street.unit.id, "fr", hall.street.start, 2)
    async with hall.db.transaction() as tx:
        return await sessions.plan(tx, plan, by=None, now=hall.street.now)


async def test_a_session_is_split_and_merged_again(hall: Hall) -> None:
    session, beside = await opened(hall, seats=4), await hall.next_door()
    await hall.street.book(session)
    await hall.street.book(session, key="form-key-2", who=hall.street.sam)
    async with hall.db.transaction() as tx:
        centre, trade = hall.street.room.centre_id, hall.street.unit.trade_id
        other = await an_assessor(tx, now=hall.street.now, qualified_for=trade, roles=("evaluator",), centre_id=centre)
        sam = await tx.fetchval("select id from scheduling.bookings where candidate_id = $1", hall.street.sam_id)
    here = f"/centre/sessions/{session}"
    assert "Sam De Smet" in text(await hall.manager.get(f"{here}/split"))
    form = {"booking": str(sam), "day": "2026-09-15", "at": "09:00", "room_id": str(beside), "seats": "2"}
    wrong = await hall.manager.post(f"{here}/split", data=form)
    assert (wrong.status_code, '<a href="#evaluator">' in wrong.text) == (422, True)
    form["evaluator"] = str(hall.evaluator_id)
    assert (await hall.manager.post(f"{here}/split", data=form)).status_code == 409
    form["evaluator"] = str(other)
    answer = await hall.manager.post(f"{here}/split", data=form)
    assert answer.status_code == 303, text(answer)
    second = answer.headers["location"]
    assert "Sam De Smet" in text(await hall.manager.get(second))
    assert "Une autre date pour votre épreuve : Monter un mur en blocs" in [
        subject for _, subject in await letters(hall)
    ]
    page = await hall.manager.get(f"{second}/merge")
    assert str(session) in page.text
    assert (await hall.manager.post(f"{second}/merge", data={"into": "", "reason": "x"})).status_code == 422
    assert (await hall.manager.post(f"{second}/merge", data={"into": str(session), "reason": ""})).status_code == 422
    merged = await hall.manager.post(f"{second}/merge", data={"into": str(session), "reason": "Trop peu"})
    assert (merged.status_code, merged.headers["location"]) == (303, here)
    async with hall.db.read() as tx:
        assert (await sessions.get(tx, session)).taken == 2


async def test_a_cancelled_session_finds_other_places(hall: Hall) -> None:
    session, later = await opened(hall), await opened(hall, days=1, seats=1)
    await hall.street.book(session)
    await hall.street.book(session, key="form-key-2", who=hall.street.sam)
    here = f"/centre/sessions/{session}/cancellation"
    answer = await hall.manager.post(here, data={"reason": "Inondation", "rebook": "yes"})
    assert answer.status_code == 303
    async with hall.db.read() as tx:
        assert (await sessions.get(tx, later)).taken == 1
        unit = hall.street.unit.id
        first = [await priorities.is_first(tx, who, unit) for who in (hall.street.noor_id, hall.street.sam_id)]
    assert sorted(first) == [False, True]
    page = await hall.manager.get(f"/centre/sessions/{session}")
    assert "Passe en premier pour la prochaine place" in text(page)
    assert ("A une place le mercredi 16 septembre 2026" in text(page), str(later) in page.text) == (True, True)
    assert "Documents" not in text(page), "nobody has any"
    await hall.street.react()
    async with hall.db.read() as tx:
        bodies = [plain(row["body"]) for row in await tx.fetch("select body from service.mails order by id")]
    assert sum("vous passez en premier pour la prochaine place" in body for body in bodies) == 1
    assert sum("http://localhost:8000/waiting/new?unit=MACO-1&language=fr\n" in body for body in bodies) == 1, (
        "and where"
    )
    assert sum("Nous vous avons gardé une autre place" in body for body in bodies) == 1


async def test_a_flooded_room_is_mended_from_one_page(hall: Hall) -> None:
    session, beside = await opened(hall), await hall.next_door()
    await hall.street.book(session)
    room = hall.street.room.id
    assert "Samir Ouhadi" in text(await hall.manager.get("/centre/repairs/new"))
    form = {
        "subject": f"room:{room}", "from_day": "2026-09-15", "from_at": "00:00", "to_day": "2026-09-16", "to_at": "00:00",
        "reason": "Inondation",
    }  # fmt: skip
    wrong = await hall.manager.post("/centre/repairs", data={**form, "to_day": "2026-09-14", "reason": " "})
    assert (wrong.status_code, wrong.text.count('<a href="#')) == (422, 2)
    page = (await hall.manager.post("/centre/repairs", data=form)).headers["location"]
    seen = await hall.manager.get(page)
    assert "Atelier 2, à la même heure" in text(seen)
    assert "Noor Peeters" in text(seen)
    assert (await hall.street.other_manager.get(page)).status_code == 404
    options = [unescape(one) for one in re.findall(r'<option value="([^"]*)"', seen.text)]
    assert [one.split("|")[1] for one in options] == ["room", *["move"] * 5, "cancel", "leave"]
    await hall.street.book(session, key="form-key-2", who=hall.street.sam)
    late = await hall.manager.post(f"{page}/application", data={"choice": options[0]})
    assert (late.status_code, "a d’autres candidats" in text(late)) == (409, True)
    assert (await hall.manager.post(f"{page}/renewal")).status_code == 303
    assert "Sam De Smet" in text(await hall.manager.post(f"{page}/preview", data={"choice": options[1]}))
    assert (await hall.manager.post(f"{page}/application", data={"choice": options[0]})).status_code == 303
    assert "C’est réparé" in text(await hall.manager.get(page))
    async with hall.db.read() as tx:
        assert (await sessions.get(tx, session)).room_id == beside
    told = [who for who, subject in await letters(hall) if subject.startswith("Nouvelle heure ou nouveau lieu")]
    assert {"noor@example.org", "sam@example.org", "ouhadi@example.org"} <= set(told)
    assert (await hall.manager.post(f"{page}/application", data={"choice": options[0]})).status_code == 409


async def test_at_the_door(hall: Hall) -> None:
    session = await opened(hall)
    booked = (await hall.street.book(session)).headers["location"]
    assert "<svg" in (await hall.street.noor.get(booked)).text.partition("door-code")[2]
    await hall.street.book(session, key="form-key-2", who=hall.street.sam)
    assert (await hall.manager.post(f"/centre/sessions/{session}/lock")).status_code == 303
    booking = UUID(booked.rpartition("/")[2])
    key = secret(hall.street.app.state.settings)
    code = check_in_codes.code(key, booking)
    assert check_in_codes.booking_of(key, code) == booking
    page = await hall.manager.get(f"/check-in/{code}")
    assert "Noor Peeters" in text(page)
    assert "Identité vérifiée" in text(page) or "identity-check" in page.text
    for who, status in ((hall.street.stranger, 401), (hall.street.sam, 404), (hall.street.other_manager, 404)):
        assert (await who.get(f"/check-in/{code}")).status_code == status
    for wrong in (code[:-1] + ("A" if code[-1] != "A" else "B"), "x", "é" * 9, check_in_codes.code(b"other", booking)):
        assert (await hall.manager.get(f"/check-in/{wrong}")).status_code == 404
    async with hall.db.transaction() as tx:
        await begins_at(tx, session, hall.street.now + timedelta(hours=1))
    turning = f"/centre/bookings/{booking}/turning-away"
    assert (await hall.manager.post(turning, data={"cause": "rain"})).status_code == 422
    assert (await hall.manager.post(turning, data={"cause": "equipment"})).status_code == 303
    assert (await hall.manager.post(turning, data={"cause": "equipment"})).status_code == 409
    assert "n’est plus à cette personne" in text(await hall.manager.get(f"/check-in/{code}"))
    async with hall.db.read() as tx:
        assert (await bookings.get(tx, booking)).release == "turned_away"
    await hall.street.react()
    async with hall.db.read() as tx:
        body = await tx.fetchval("select body from service.mails where subject like 'Votre épreuve du%'")
    assert "ce n’est pas de votre faute" in body
