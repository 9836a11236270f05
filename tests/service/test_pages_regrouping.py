"""The pages on which a session is split and merged: what refuses is said with names, and who moved is found again."""

from uuid import UUID

from scheduling import sessions
from tests.builders.hall import Hall, text


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
