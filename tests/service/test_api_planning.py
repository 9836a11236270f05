"""Programs change how many places a session has, and open a whole series at once, as the pages do."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.builders.hall import Hall
from tests.builders.stage import begins_at
from tests.service.conftest import Town
from tests.service.test_api_sessions import problem

ANY = {"If-Match": "*"}


async def standing(town: Town, session: UUID) -> tuple[int, int]:
    """How many places it has, and how many pods are kept for it."""
    shown = (await town.manager.get(f"/api/v1/sessions/{session}")).json()
    return shown["session"]["seats"], len(shown["equipment"])


async def test_places_change_with_the_equipment_that_they_need(town: Town) -> None:
    session = await town.open_session()
    here = f"/api/v1/sessions/{session}/seats"
    assert await standing(town, session) == (2, 2)
    for wanted in (3, 1, 1, 2):
        answer = await town.manager.put(here, json={"seats": wanted}, headers=ANY)
        assert (answer.status_code, answer.json()["seats"]) == (200, wanted)
        assert await standing(town, session) == (wanted, wanted)
    for who in (town.candidate, town.rival):
        assert (await town.book(session, who=who)).status_code == 201
    for wanted, refused in ((1, "session-full"), (5, "equipment-short")):
        assert problem(await town.manager.put(here, json={"seats": wanted}, headers=ANY)) == refused
    for wanted in (0, 501, "2", None):
        assert (await town.manager.put(here, json={"seats": wanted}, headers=ANY)).status_code == 422
    assert await standing(town, session) == (2, 2)


async def test_nobody_overlooks_who_has_booked_meanwhile(town: Town) -> None:
    session = await town.open_session()
    here = f"/api/v1/sessions/{session}"
    read = (await town.manager.get(here)).headers["etag"]
    assert (await town.manager.put(f"{here}/seats", json={"seats": 3})).status_code == 428
    await town.book(session)
    stale = await town.manager.put(f"{here}/seats", json={"seats": 3}, headers={"If-Match": read})
    assert (stale.status_code, await standing(town, session)) == (412, (2, 2))
    again = (await town.manager.get(here)).headers["etag"]
    assert (await town.manager.put(f"{here}/seats", json={"seats": 3}, headers={"If-Match": again})).status_code == 200


@pytest.mark.parametrize("end", ["its list is closed", "its hour has come", "it was cancelled"])
async def test_places_stay_as_they_are_once(town: Town, end: str) -> None:
    session = await town.open_session()
    here = f"/api/v1/sessions/{session}"
    if end == "its list is closed":
        assert (await town.manager.put(f"{here}/lock")).status_code == 200
    elif end == "it was cancelled":
        assert (await town.manager.post(f"{here}/cancellation", json={"reason": "Panne"})).status_code == 201
    else:
        async with town.db.transaction() as tx:
            await begins_at(tx, session, town.stage.now)
    assert problem(await town.manager.put(f"{here}/seats", json={"seats": 3}, headers=ANY)) == "not-in-that-state"
    assert (await standing(town, session))[0] == 2


async def planned(hall: Hall) -> list[str]:
    """A series of four drafts, as a program orders it."""
    pattern: dict[str, Any] = {
        "room_id": str(hall.street.room.id), "unit": "MACO-1", "language": "fr", "seats": 2, "at": "09:00:00",
        "rule": "FREQ=WEEKLY;COUNT=4", "first_day": "2026-09-15",
        "jury": [
            {"assessor_id": str(who), "role": role}
            for who, role in (
                (hall.evaluator_id, "evaluator"), (hall.observer_id, "observer"), (hall.manager_id, "manager"),
            )
        ],
    }  # fmt: skip
    seen = (await hall.manager.post("/api/v1/series/preview", json=pattern)).json()
    dates = [{"starts_at": one["starts_at"]} for one in seen]
    answer = await hall.manager.post("/api/v1/series", json={"pattern": pattern, "dates": dates})
    assert answer.status_code == 201, answer.text
    return [str(each) for each in answer.json()]


async def states(hall: Hall, sessions: list[str]) -> list[str]:
    found: list[httpx.Response] = [await hall.manager.get(f"/api/v1/sessions/{each}") for each in sessions]
    return [one.json()["session"]["state"] for one in found]


async def test_the_drafts_of_a_series_open_together_from_any_of_them(hall: Hall) -> None:
    """What cannot be opened stays a draft, and it is said why; asked again, nothing happens twice."""
    series, alone = await planned(hall), str(await hall.planned(days=1))
    draw = {"session_id": series[2], "draws_at": "2026-09-10T12:00:00+02:00"}
    assert (await hall.manager.post("/api/v1/openings", json=draw)).status_code == 201
    here = f"/api/v1/sessions/{series[1]}/series/opening"
    first = await hall.manager.put(here)
    left = [{"session_id": series[2], "refused": "opening-announced"}]
    assert (first.status_code, first.json()) == (200, {"opened": [series[0], series[1], series[3]], "left": left})
    assert await states(hall, [*series, alone]) == ["open", "open", "draft", "open", "draft"]
    assert (await hall.manager.put(here)).json() == {"opened": [], "left": left}
    assert (await hall.manager.put(f"/api/v1/sessions/{alone}/series/opening")).json() == {
        "opened": [alone],
        "left": [],
    }
    async with hall.db.read() as tx:
        assert await tx.fetchval("select count(*) from service.outbox where topic = 'session.opened'") == 4


async def test_what_has_passed_is_not_opened(hall: Hall) -> None:
    series = await planned(hall)
    async with hall.db.transaction() as tx:
        await begins_at(tx, series[0], hall.street.now - timedelta(hours=1))
    answer = await hall.manager.put(f"/api/v1/sessions/{series[0]}/series/opening")
    assert answer.json() == {"opened": series[1:], "left": []}


async def test_both_are_for_who_plans_in_that_centre(hall: Hall) -> None:
    """Another centre's session is as absent as what never was."""
    session = await hall.planned()
    for ending, body in (("seats", {"seats": 1}), ("series/opening", None)):
        for each in (session, uuid4()):
            other = await hall.street.other_manager.put(f"/api/v1/sessions/{each}/{ending}", json=body, headers=ANY)
            assert (other.status_code, problem(other)) == (404, "not-found")
        for who, status in ((hall.street.noor, 403), (hall.evaluator, 403), (hall.street.stranger, 401)):
            refused = await who.put(f"/api/v1/sessions/{session}/{ending}", json=body, headers=ANY)
            assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert await states(hall, [str(session)]) == ["draft"]
