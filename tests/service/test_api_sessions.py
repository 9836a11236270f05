"""A centre's sessions over the interface: planned, filled, run; and out of reach for everyone else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.builders.stage import begins_at
from tests.service.conftest import Town


def plan(town: Town, **changes: Any) -> dict[str, Any]:
    wish = {"room_id": str(town.stage.room), "language": "fr", "starts_at": town.stage.morning.isoformat(), "seats": 2}
    return {**wish, "unit": unit_code(town), **changes}


def unit_code(town: Town) -> str:
    return CODES[town.stage.unit]


CODES: dict[UUID, str] = {}


@pytest.fixture(autouse=True)
async def codes(town: Town) -> None:
    async with town.db.read() as tx:
        CODES.update({row["id"]: row["code"] for row in await tx.fetch("select id, code from assessments.units")})


def problem(answer: httpx.Response) -> str:
    assert 400 <= answer.status_code < 500
    return str(answer.json()["type"]).removeprefix("/problems/")


async def drafted(town: Town) -> str:
    answer = await town.manager.post("/api/v1/sessions", json=plan(town))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def seat(town: Town, session_id: str, assessor_id: UUID, role: str) -> httpx.Response:
    order = {"assessor_id": str(assessor_id), "role": role}
    return await town.manager.post(f"/api/v1/sessions/{session_id}/jury-seats", json=order)


async def test_a_session_from_draft_to_its_end(town: Town) -> None:
    session_id = await drafted(town)
    address = f"/api/v1/sessions/{session_id}"
    for assessor_id, role in (
        (town.stage.evaluator, "evaluator"),
        (town.stage.observer, "observer"),
        (town.stage.manager, "manager"),
    ):
        assert (await seat(town, session_id, assessor_id, role)).status_code == 201
    assert (await town.manager.put(f"{address}/opening")).json()["state"] == "open"
    booking_id = (await town.book(UUID(session_id))).json()["id"]
    late = (await town.book(UUID(session_id), who=town.rival)).json()["id"]
    assert (await town.manager.put(f"{address}/lock")).json()["state"] == "locked"

    assert problem(await town.manager.put(f"{address}/start")) == "contract-unsigned"
    day = f"/api/v1/bookings/{booking_id}"
    assert problem(await town.manager.put(f"{day}/contract")) == "not-in-that-state"
    assert (await town.manager.put(f"{day}/identity-check")).json()["state"] == "checked_in"
    assert (await town.manager.put(f"{day}/contract")).status_code == 200
    assert problem(await town.manager.put(f"/api/v1/bookings/{late}/no-show")) == "absent-too-early"
    async with town.db.transaction() as tx:
        await begins_at(tx, session_id, town.stage.now - timedelta(hours=1))
    assert (await town.manager.put(f"/api/v1/bookings/{late}/no-show")).json()["release"] == "no_show"
    assert (await town.manager.put(f"{address}/start")).json()["state"] == "running"
    assert problem(await town.manager.delete(f"{day}/no-show")) == "not-in-that-state"
    assert (await town.manager.delete(f"{day}/identity-check")).json()["state"] in ("confirmed", "convoked")
    assert problem(await town.manager.put(f"{address}/end")) == "presence-unsettled"
    for step in ("identity-check", "contract"):
        assert (await town.manager.put(f"{day}/{step}")).status_code == 200
    assert (await town.manager.put(f"{address}/end")).json()["state"] == "to_deliberate"

    seen = (await town.evaluator.get(address)).json()
    assert [who["state"] for who in seen["bookings"]] == ["attended"]
    of_centre = (await town.manager.get(address)).json()["bookings"]
    assert [who["state"] for who in of_centre] == ["attended", "released"]
    assert [member["role"] for member in seen["jury"]] == ["evaluator", "observer", "manager"]
    assert [piece["name"] for piece in seen["equipment"]] == ["Pod 1", "Pod 2"]
    assert not {"email", "birth_date", "status"} & set(seen["bookings"][0])


async def test_a_plan_is_refused_with_its_reason(town: Town) -> None:
    async def asked(**changes: Any) -> str:
        return problem(await town.manager.post("/api/v1/sessions", json=plan(town, **changes)))

    async with town.db.transaction() as tx:
        workshop = await town.stage.another_room(tx, kind="workshop")
    sunday = (town.stage.morning + timedelta(days=5)).isoformat()
    assert await asked(room_id=str(workshop)) == "room-unsuitable"
    assert await asked(starts_at=sunday) == "room-closed"
    assert await asked(seats=9) == "equipment-short"
    await drafted(town)
    assert await asked() == "room-busy"
    assert await asked(unit="TPCR-9") == "not-found"


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": "2026-09-15T09:00:00"},  # whose nine o'clock?
        {"starts_at": "0001-01-01T00:00:00+14:00"},
        {"starts_at": "9999-12-31T23:59:59-14:00"},
        {"seats": 0},
        {"seats": 2**40},
        {"language": "es"},
        {"taken": 5},
    ],
)
async def test_what_cannot_be_meant_is_refused_before_the_database(town: Town, changes: dict[str, Any]) -> None:
    answer = await town.manager.post("/api/v1/sessions", json=plan(town, **changes))
    assert answer.status_code in (400, 422), answer.text


async def test_a_jury_is_refused_with_its_reason(town: Town) -> None:
    session_id = await drafted(town)
    assert problem(await seat(town, session_id, town.stage.observer, "evaluator")) == "assessor-unqualified"
    assert problem(await seat(town, session_id, uuid4(), "observer")) == "not-found"
    given = await seat(town, session_id, town.stage.evaluator, "evaluator")
    assert problem(await seat(town, session_id, town.stage.evaluator, "evaluator")) == "assessor-busy"
    released = await town.manager.delete(f"/api/v1/jury-seats/{given.json()['id']}")
    assert (released.status_code, released.content) == (204, b"")
    assert problem(await town.manager.put(f"/api/v1/sessions/{session_id}/opening")) == "seats-exceed-capacity"


async def test_a_session_moves_with_everyone_and_is_cancelled_with_a_reason(town: Town) -> None:
    session_id = await town.open_session()
    await town.book(session_id)
    later = town.stage.morning + timedelta(days=1)
    time = {"starts_at": later.isoformat(), "room_id": str(town.stage.room)}
    moved = await town.manager.put(f"/api/v1/sessions/{session_id}/time", json=time, headers={"If-Match": "*"})
    assert datetime.fromisoformat(moved.json()["starts_at"]) == later
    assert datetime.fromisoformat((await town.candidate.get("/api/v1/bookings")).json()[0]["starts_at"]) == later

    cancellation = f"/api/v1/sessions/{session_id}/cancellation"
    assert problem(await town.manager.post(cancellation, json={"reason": " "})) == "cancellation-unmotivated"
    assert (await town.manager.post(cancellation, json={"reason": "Water in the lab"})).status_code == 201
    assert (await town.candidate.get("/api/v1/bookings")).json()[0]["release"] == "cancelled_by_centre"


async def test_each_reads_the_sessions_that_are_theirs(town: Town) -> None:
    mine = str(await town.open_session())
    async with town.db.transaction() as tx:
        theirs = str(await town.there.open(tx))

    async def listed(who: httpx.AsyncClient) -> set[str]:
        until = (town.stage.now + timedelta(days=60)).isoformat()
        answer = await who.get("/api/v1/sessions", params={"until": until})
        return {line["id"] for line in answer.json()}

    assert await listed(town.manager) == await listed(town.evaluator) == {mine}
    assert await listed(town.other_manager) == {theirs}
    assert await listed(town.administrator) == {mine, theirs}


async def test_another_centre_s_objects_are_as_absent_as_what_never_was(town: Town) -> None:
    session_id = await town.open_session()
    booking_id = (await town.book(session_id)).json()["id"]
    async with town.db.read() as tx:
        seat_id = await tx.fetchval("select id from scheduling.jury_seats limit 1")
    time = {"starts_at": town.stage.morning.isoformat(), "room_id": str(town.there.room)}
    asked: list[tuple[str, str, dict[str, Any] | None]] = [
        *(("PUT", f"sessions/{{}}/{step}", None) for step in ("opening", "lock", "start", "end")),
        ("GET", "sessions/{}", None),
        ("PUT", "sessions/{}/time", time),
        ("POST", "sessions/{}/cancellation", {"reason": "spite"}),
        ("POST", "sessions/{}/jury-seats", {"assessor_id": str(town.there.evaluator), "role": "evaluator"}),
        ("DELETE", "jury-seats/{}", None),
        *(("PUT", f"bookings/{{}}/{step}", None) for step in ("identity-check", "contract", "no-show")),
        *(("DELETE", f"bookings/{{}}/{step}", None) for step in ("identity-check", "no-show")),
        ("POST", "bookings/{}/recordings", {"role": "evaluator"}),
        ("GET", "bookings/{}/recordings", None),
        ("GET", "bookings/{}/proposal", None),
        ("POST", "bookings/{}/decision", {}),
    ]
    ids = {"sessions": session_id, "bookings": booking_id, "jury-seats": seat_id}
    for method, path, body in asked:
        other, absent = [
            await town.other_manager.request(
                method, f"/api/v1/{path.format(one)}", json=body, headers={"If-Match": "*"}
            )
            for one in (ids[path.partition("/")[0]], uuid4())
        ]
        assert other.status_code == absent.status_code == 404, (method, path, other.text)
        assert {**other.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
    elsewhere = await town.other_manager.post("/api/v1/sessions", json=plan(town))
    assert problem(elsewhere) == "not-found"
    assert (await town.evaluator.get(f"/api/v1/sessions/{session_id}")).status_code == 200


async def test_an_assessor_runs_no_session(town: Town) -> None:
    session_id = await town.open_session()
    for who in (town.evaluator, town.candidate):
        assert (await who.put(f"/api/v1/sessions/{session_id}/lock")).status_code == 403
    assert (await town.stranger.put(f"/api/v1/sessions/{session_id}/lock")).status_code == 401
