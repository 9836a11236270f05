"""A room that is shut at the hour that a planner wants: the page says when it is open, wherever a session is planned."""

from datetime import time

import pytest

from scheduling import opening_hours
from scheduling.opening_hours import OpeningDay
from service import obstacles
from service.i18n import words
from tests.builders.hall import Hall, text
from tests.service.test_pages_centre import plan
from tests.service.test_pages_planning import pattern

LATE = "ouvert le mardi de 7 h 00 à 21 h 00"  # the test takes four hours


async def test_whoever_plans_reads_when_the_room_is_open(hall: Hall) -> None:
    late = await hall.manager.post("/centre/sessions/new", data=plan(hall, day="2026-09-15", at="20:00"))
    assert (late.status_code, LATE in text(late)) == (409, True)
    sunday = await hall.manager.post("/centre/sessions/new", data=plan(hall, day="2026-09-20", at="09:00"))
    assert "(fermé le dimanche)" in text(sunday)


async def test_whoever_moves_or_repeats_a_session_reads_it_too(hall: Hall) -> None:
    session = await hall.planned()
    form = {"day": "2026-09-15", "at": "20:00", "room_id": str(hall.street.room.id), "version": "*"}
    moved = await hall.manager.post(f"/centre/sessions/{session}/time", data=form)
    assert (moved.status_code, LATE in text(moved)) == (409, True)
    dates = await hall.manager.post("/centre/series/preview", data=pattern(hall, at="20:00"))
    assert text(dates).count(LATE) == 4


async def test_programs_are_told_as_well(hall: Hall) -> None:
    asked = {
        "room_id": str(hall.street.room.id), "unit": "MACO-1", "language": "fr", "seats": 1,
        "starts_at": "2026-09-15T20:00:00+02:00",
    }  # fmt: skip
    answer = await hall.manager.post("/api/v1/sessions", json=asked)
    assert [one["about"].replace("\u00a0", " ") for one in answer.json()["obstacles"]] == [LATE]


async def test_a_day_may_have_two_spans_and_is_counted_in_brussels(hall: Hall) -> None:
    room = hall.street.room.id
    async with hall.db.transaction() as tx:
        await opening_hours.replace(tx, room_id=room, hours=((7, time(9), time(12)), (7, time(13), time(16))))
        late_on_saturday = await tx.fetchval("select timestamptz '2026-09-19 22:30Z'")  # Sunday half past midnight here
        day = await opening_hours.of_day(tx, room, late_on_saturday)
    assert obstacles.shut(day, words("en")) == "open on Sunday from 09:00 to 12:00 and from 13:00 to 16:00"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "fermé le lundi"),
        ("nl", "gesloten op maandag"),
        ("de", "am Montag geschlossen"),
        ("en", "not open on Monday"),
    ],
)
def test_a_day_without_hours_in_four_languages(language: str, said: str) -> None:
    assert obstacles.shut(OpeningDay(1, ()), words(language)) == said
