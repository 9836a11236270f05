"""A planner's pages: series, copies, moves with their consequences."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from scheduling import closures, jury_seats, rooms, sessions
from tests.builders.hall import Hall, text
from tests.builders.stage import open_weekdays


def pattern(hall: Hall, **changes: object) -> dict[str, object]:
    form = {
        "unit": "MACO-1", "room_id": str(hall.street.room.id), "language": "fr", "seats": "2", "at": "09:00", "every": "1",
        "first_day": "2026-09-15", "until": "2026-10-06", "weekdays": ["TU"], "evaluator": str(hall.evaluator_id),
        "observer": str(hall.observer_id), "manager": str(hall.manager_id),
    }  # fmt: skip
    return {**form, **changes}


def marks(page: httpx.Response) -> list[str]:
    return [unescape(mark) for mark in re.findall(r'name="chosen" value="([^"]*)"', page.text)]


async def count(hall: Hall) -> int:
    async with hall.db.read() as tx:
        return await tx.fetchval("select count(*) from scheduling.sessions")  # type: ignore[no-any-return]


async def test_a_series_is_looked_at_then_prepared(hall: Hall) -> None:
    day = closures.whole_day(hall.street.start.date() + timedelta(days=7))
    async with hall.db.transaction() as tx:
        await closures.close(
            tx, centre_id=hall.street.room.centre_id, starts_at=day[0], ends_at=day[1], reason="Fête locale",
            by=None, now=hall.street.now,
        )  # fmt: skip
    assert "MACO-1" in text(await hall.manager.get("/centre/series/new"))
    assert "Samir Ouhadi" in text(await hall.manager.get("/centre/series/new?unit=MACO-1"))
    seen = await hall.manager.post("/centre/series/preview", data=pattern(hall))
    assert seen.status_code == 200
    assert "Le local est fermé à ce moment (Fête locale)" in text(seen)
    assert len(marks(seen)) == 3
    assert await count(hall) == 0
    answer = await hall.manager.post("/centre/series", data=pattern(hall, chosen=marks(seen)[1:]))
    assert (answer.status_code, answer.headers["location"].partition("&draft=")[0]) == (
        303,
        "/centre?month=2026-09&prepared=2",
    )
    assert await count(hall) == 2
    assert "2 sessions sont préparées" in text(await hall.manager.get(answer.headers["location"]))
    again = await hall.manager.post("/centre/series", data=pattern(hall, chosen=marks(seen)[1:]))
    assert again.status_code == 409
    assert "error-summary" in again.text
    assert await count(hall) == 2


async def test_who_looked_at_the_dates_changes_the_pattern_without_typing_it_again(hall: Hall) -> None:
    seen = await hall.manager.post("/centre/series/preview", data=pattern(hall, first_day="2026-08-04"))
    assert "Changer les jours, l’heure ou le jury" in text(seen)
    assert "dates de cette série sont déjà passées" in text(seen)
    form = await hall.manager.post("/centre/series/preview", data=pattern(hall, again="yes", chosen=marks(seen)))
    assert form.status_code == 200
    for kept in ('value="2026-09-15"', 'value="2026-10-06"', 'value="09:00"'):
        assert kept in form.text
    assert re.search(rf'value="{hall.evaluator_id}" selected', form.text)
    assert re.search(r'name="weekdays" value="TU"[^>]* checked', form.text)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": ""}, "weekdays"),
        ({"until": "2026-09-01"}, "until"),
        ({"until": "2029-09-01"}, "until"),
        ({"first_day": "soon"}, "first_day"),
        ({"every": "0"}, "every"),
        ({"at": "9 heures"}, "at"),
        ({"seats": "none"}, "seats"),
    ],
)
async def test_a_pattern_is_given_back_with_what_is_wrong(hall: Hall, changes: dict[str, str], field: str) -> None:
    answer = await hall.manager.post("/centre/series/preview", data=pattern(hall, **changes))
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text


async def test_nobody_is_asked_into_two_seats_of_a_jury(hall: Hall) -> None:
    """It is said before any date is looked at: on none of them could it be."""
    answer = await hall.manager.post("/centre/series/preview", data=pattern(hall, manager=str(hall.evaluator_id)))
    assert (answer.status_code, '<a href="#manager">' in answer.text) == (422, True)
    assert "a un autre siège dans ce jury" in text(answer)


@pytest.mark.parametrize("chosen", ["", "tomorrow", "2026-09-15T07:00:00", "2026-09-15T07:00:00+00:00|nobody"])
async def test_an_order_of_no_date_shows_the_dates_again(hall: Hall, chosen: str) -> None:
    answer = await hall.manager.post("/centre/series", data=pattern(hall, chosen=chosen))
    assert answer.status_code == 422
    assert len(marks(answer)) == 4
    assert await count(hall) == 0


async def test_a_session_is_copied_without_whom_is_busy(hall: Hall) -> None:
    session = await hall.planned()
    here = f"/centre/sessions/{session}"
    form = {"day": "2026-09-22", "at": "09:00", "which": "", "room_id": str(hall.street.room.id)}
    assert 'value="2026-09-22"' in (await hall.manager.get(f"{here}/copy")).text
    answer = await hall.manager.post(f"{here}/copy", data=form)
    assert answer.status_code == 303
    assert "Samir Ouhadi" in text(await hall.manager.get(answer.headers["location"]))
    again = await hall.manager.post(f"{here}/copy", data=form)
    assert (again.status_code, "Le local est occupé à ce moment (MACO-1)" in text(again)) == (409, True)
    assert (await hall.street.other_manager.post(f"{here}/copy", data=form)).status_code == 404


async def test_a_move_shows_what_it_means_before_it_is_made(hall: Hall) -> None:
    session = await hall.street.open_session()
    await hall.street.book(session)
    here = f"/centre/sessions/{session}"
    form = {"day": "2026-09-16", "at": "09:00", "which": "", "room_id": str(hall.street.room.id)}
    page = await hall.manager.post(f"{here}/time/consequences", data=form)
    assert page.status_code == 200
    assert "Noor Peeters" in text(page)
    room = hall.street.room
    async with hall.db.transaction() as tx:
        assert await tx.fetchval("select lower(test_time) from scheduling.sessions") == hall.street.start
        juror = await tx.fetchval("select assessor_id from scheduling.jury_seats where role = 'observer'")
        name = await tx.fetchval(
            "select given_name || ' ' || family_name from assessments.assessors where id = $1", juror
        )
        site = await tx.fetchval("select site_id from scheduling.rooms where id = $1", room.id)
        beside = await rooms.add(
            tx, centre_id=room.centre_id, site_id=site, name="Atelier 2", kind=room.kind, stations=4
        )
        await open_weekdays(tx, beside)
        friday = hall.street.start + timedelta(days=3)
        plan = sessions.Plan(beside, hall.street.unit.id, "fr", friday, 1)
        other = await sessions.plan(tx, plan, by=None, now=hall.street.now)
        await jury_seats.give(tx, other, juror, "observer", by=None, now=hall.street.now)
    busy = await hall.manager.post(f"{here}/time/consequences", data={**form, "day": "2026-09-18"})
    assert (busy.status_code, f"({name})" in text(busy)) == (409, True)
    assert (await hall.manager.post(f"{here}/time", data={**form, "version": "*"})).status_code == 303


async def test_programs_see_a_series_before_they_order_it(hall: Hall) -> None:
    asked = {
        "room_id": str(hall.street.room.id), "unit": "MACO-1", "language": "fr", "seats": 2,
        "rule": "FREQ=WEEKLY;COUNT=3", "first_day": "2026-09-15", "at": "09:00:00",
        "jury": [{"assessor_id": str(hall.evaluator_id), "role": "evaluator"}],
    }  # fmt: skip
    await hall.planned(days=7)
    seen = (await hall.manager.post("/api/v1/series/preview", json=asked)).json()
    assert [one["blocked"] and one["blocked"]["problem"] for one in seen] == [None, "room-busy", None]
    order = {"pattern": asked, "dates": [{"starts_at": one["starts_at"]} for one in seen if not one["blocked"]]}
    answer = await hall.manager.post("/api/v1/series", json=order)
    assert (answer.status_code, len(answer.json())) == (201, 2)
    assert (await hall.manager.post("/api/v1/series", json=order)).json()["type"] == "/problems/series-changed"
    assert (await hall.street.other_manager.post("/api/v1/series/preview", json=asked)).status_code == 404
    copy = {"room_id": str(hall.street.room.id), "starts_at": "2026-09-17T07:00:00Z"}
    made = await hall.manager.post(f"/api/v1/sessions/{answer.json()[0]}/copies", json=copy)
    assert (made.status_code, made.json()["missing"]) == (201, [])
