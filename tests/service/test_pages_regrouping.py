"""The pages on which a session is split and merged: what refuses is said with names, and who moved is found again."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from scheduling import closures, sessions
from tests.builders.hall import Hall, an_assessor_of, text

NOVEMBER = datetime(2026, 11, 11, 8, tzinfo=UTC)  # a public holiday, a Wednesday


async def opened(hall: Hall, *, days: int = 0, seats: int = 4) -> UUID:
    session = await hall.planned(days=days, seats=seats)
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    return session


async def test_a_split_says_of_each_seat_who_cannot_sit_in_it(hall: Hall) -> None:
    """At the same hour in the next room its own jury is busy: both names stand at their fields, and nothing is written."""
    session = await opened(hall)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    form = {
        "booking": booking, "day": "2026-09-15", "at": "09:00", "which": "", "room_id": str(await hall.next_door()),
        "seats": "1", "evaluator": str(hall.evaluator_id), "observer": str(hall.observer_id), "manager": "",
    }  # fmt: skip
    refused = await hall.manager.post(f"/centre/sessions/{session}/split", data=form)
    assert refused.status_code == 409
    for field, name in (("evaluator", "Samir Ouhadi"), ("observer", "Hélène Baert")):
        said = refused.text.partition(f'<a href="#{field}">')[2].partition("</a>")[0]
        assert "est déjà prise à ce moment" in said, field
        assert f"({name})" in said
    here = await hall.manager.post(
        f"/centre/sessions/{session}/split", data=form | {"room_id": str(hall.street.room.id)}
    )
    assert '<a href="#at">Le local est occupé' in here.text
    assert "(MACO-1)" in text(here)
    async with hall.db.read() as tx:
        assert await tx.fetchval("select count(*) from scheduling.sessions") == 1


async def test_a_split_names_the_candidates_who_cannot_follow(hall: Hall) -> None:
    """Noor knows the new evaluator, Sam does not: only her name stands at the field, and in the answer to a program."""
    session = await opened(hall)
    noor, sam = await both_booked(hall, session)
    evaluator = await kin_of_noor(hall)
    form = {
        "booking": [noor, sam], "day": "2026-09-22", "at": "09:00", "which": "", "seats": "2",
        "room_id": str(hall.street.room.id), "evaluator": str(evaluator), "observer": "", "manager": "",
    }  # fmt: skip
    refused = await hall.manager.post(f"/centre/sessions/{session}/split", data=form)
    assert refused.status_code == 409
    said = refused.text.partition('<a href="#booking')[2].partition("</a>")[0]
    assert "(Noor Peeters)" in said
    order = {
        "bookings": [noor, sam], "starts_at": "2026-09-22T09:00:00+02:00", "seats": 2, "room_id": form["room_id"],
        "jury": [{"assessor_id": str(evaluator), "role": "evaluator"}],
    }  # fmt: skip
    answer = (await hall.manager.post(f"/api/v1/sessions/{session}/split", json=order)).json()
    (met,) = answer["obstacles"]
    assert (met["problem"], met["about"], met["booking_id"]) == ("assessor-knows-candidate", "Noor Peeters", noor)
    assert answer["type"] == "/problems/assessor-knows-candidate"


async def test_a_merger_names_the_candidates_who_cannot_follow(hall: Hall) -> None:
    """The other session's evaluator is kin of Noor: only her name stands there, and Sam stays where he is, too."""
    session, into = await opened(hall), await opened(hall, days=7)
    noor, _ = await both_booked(hall, session)
    evaluator = await kin_of_noor(hall)
    async with hall.db.transaction() as tx:
        await tx.execute(
            "update scheduling.jury_seats set assessor_id = $2 where session_id = $1 and role = 'evaluator'",
            into,
            evaluator,
        )
    order = {"into": str(into), "reason": "Trop peu d’inscrits"}
    refused = await hall.manager.post(f"/centre/sessions/{session}/merge", data=order)
    assert refused.status_code == 409
    assert "(Noor Peeters)" in refused.text.partition('<a href="#into')[2].partition("</a>")[0]
    answer = (await hall.manager.post(f"/api/v1/sessions/{session}/merge", json=order)).json()
    (met,) = answer["obstacles"]
    assert (met["problem"], met["about"], met["booking_id"]) == ("assessor-knows-candidate", "Noor Peeters", noor)
    async with hall.db.read() as tx:
        assert (await sessions.get(tx, session)).taken == 2


async def both_booked(hall: Hall, session: UUID) -> list[str]:
    """Noor's booking and Sam's."""
    return [
        (await hall.street.book(session, who=who)).headers["location"].rpartition("/")[2]
        for who in (hall.street.noor, hall.street.sam)
    ]


async def kin_of_noor(hall: Hall) -> UUID:
    """An evaluator of the centre before whom she cannot stand."""
    async with hall.db.transaction() as tx:
        evaluator = await an_assessor_of(tx, hall.street, "Lina", "Cools", "evaluator", hall.street.room.centre_id)
        await tx.execute(
            """insert into assessments.links (assessor_id, candidate_id, kind, declared_at)
               values ($1, $2, 'kinship', $3)""",
            evaluator,
            hall.street.noor_id,
            hall.street.now,
        )
    return evaluator


@pytest.mark.parametrize("path", ["{}/split", "{}/time", "{}/time/consequences", "{}/copy", "new"])
async def test_what_closes_the_room_is_named_where_a_session_cannot_go(hall: Hall, path: str) -> None:
    """Works in the room, with the room and its days; a public holiday, of the whole centre, in the reader's language."""
    session = await opened(hall)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    centre, room = hall.street.room.centre_id, hall.street.room.id
    begin, end = closures.whole_day(date(2026, 9, 22))
    async with hall.db.transaction() as tx:
        await closures.close_on_public_holidays(tx, centre_id=centre, year=2026)
        await closures.close(
            tx, centre_id=centre, room_id=room, starts_at=begin, ends_at=end, reason="Travaux", by=None,
            now=hall.street.now,
        )  # fmt: skip
    form = {"at": "09:00", "which": "", "room_id": str(room)}
    form |= {
        "{}/split": {"booking": booking, "seats": "1", "evaluator": str(hall.evaluator_id)},
        "{}/time": {"version": "*"},
        "new": {"unit": "MACO-1", "language": "fr", "seats": "2"},
    }.get(path, {})
    for day, said in (
        ("2026-09-22", "(Travaux, Atelier 1, mardi 22 septembre 2026)"),
        ("2026-11-11", f"({closures.holiday_name(NOVEMBER, 'fr')}, Tout le centre, mercredi 11 novembre 2026)"),
    ):
        page = await hall.manager.post("/centre/sessions/" + path.format(session), data=form | {"day": day})
        assert (page.status_code, said in text(page)) == (409, True), text(page)


async def test_programs_are_told_what_closes_the_room(hall: Hall) -> None:
    session = await opened(hall)
    booking = (await hall.street.book(session)).headers["location"].rpartition("/")[2]
    async with hall.db.transaction() as tx:
        await closures.close_on_public_holidays(tx, centre_id=hall.street.room.centre_id, year=2026)
    place = {"room_id": str(hall.street.room.id), "starts_at": NOVEMBER.isoformat()}
    half = {"seats": 1, "jury": [{"assessor_id": str(hall.evaluator_id), "role": "evaluator"}], "bookings": [booking]}
    here = f"/api/v1/sessions/{session}"
    for answer in (
        await hall.manager.put(f"{here}/time?lang=nl", json=place, headers={"If-Match": "*"}),
        await hall.manager.post(f"{here}/split?lang=nl", json=place | half),
        await hall.manager.post(f"{here}/copies?lang=nl", json=place),
        await hall.manager.post(
            "/api/v1/sessions?lang=nl", json=place | {"unit": "MACO-1", "language": "fr", "seats": 2}
        ),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/room-closed")
        (met,) = answer.json()["obstacles"]
        assert met["about"] == f"{closures.holiday_name(NOVEMBER, 'nl')}, Het hele centrum, woensdag 11 november 2026"


async def test_who_was_moved_twice_is_shown_where_they_are_now(hall: Hall) -> None:
    """Split off to another day, merged onwards: the first session names the last one. Merged back: one line, not two."""
    first, second, third = [await opened(hall, days=days) for days in (0, 1, 2)]
    await hall.street.book(first)

    async def merge(one: UUID, into: UUID) -> None:
        answer = await hall.manager.post(
            f"/centre/sessions/{one}/merge", data={"into": str(into), "reason": "Trop peu d’inscrits"}
        )
        assert answer.status_code == 303, text(answer)

    await merge(first, second)
    await merge(second, third)
    page = await hall.manager.get(f"/centre/sessions/{first}")
    assert f'href="/centre/sessions/{third}"' in page.text
    assert f'href="/centre/sessions/{second}"' not in page.text
    back = await opened(hall, days=3)
    await merge(third, back)
    form = {
        "booking": await _live(hall), "day": "2026-09-22", "at": "09:00", "which": "", "seats": "1",
        "room_id": str(hall.street.room.id), "evaluator": str(hall.evaluator_id), "observer": "", "manager": "",
    }  # fmt: skip
    split = await hall.manager.post(f"/centre/sessions/{back}/split", data=form)
    assert split.status_code == 303, text(split)
    await merge(UUID(split.headers["location"].rpartition("/")[2]), back)
    candidates = text(await hall.manager.get(f"/centre/sessions/{back}")).partition("Documents")[0]
    assert candidates.count("Noor") == 1
    assert "Annulée par le centre" not in candidates


async def test_who_has_given_the_new_place_back_is_not_said_to_have_it(hall: Hall) -> None:
    first, second = [await opened(hall, days=days) for days in (0, 1)]
    await hall.street.book(first)
    reason = {"into": str(second), "reason": "Trop peu d’inscrits"}
    assert (await hall.manager.post(f"/centre/sessions/{first}/merge", data=reason)).status_code == 303
    assert (await hall.street.noor.post(f"/bookings/{await _live(hall)}/cancellation")).status_code == 303
    assert "A une place le" not in text(await hall.manager.get(f"/centre/sessions/{first}"))


async def _live(hall: Hall) -> str:
    async with hall.db.read() as tx:
        return str(await tx.fetchval("select id from scheduling.bookings where released_at is null"))
