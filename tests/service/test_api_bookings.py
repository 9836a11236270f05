"""Booking over the interface: keyed, once, only one's own."""

import asyncio
from uuid import UUID, uuid4

from service import idempotency
from tests.service.conftest import Town


async def counted(town: Town) -> int:
    async with town.db.read() as tx:
        return await tx.fetchval("select count(*) from scheduling.bookings where released_at is null")  # type: ignore[no-any-return]


async def test_a_candidate_finds_a_place_books_it_and_gives_it_back(town: Town) -> None:
    session_id = await town.open_session()
    found = (await town.candidate.get("/api/v1/places", params={"language": "fr"})).json()
    assert [(place["session_id"], place["free"], place["refusals"]) for place in found] == [(str(session_id), 2, [])]

    booked = await town.book(session_id)
    assert booked.status_code == 201
    mine = (await town.candidate.get(booked.headers["location"])).json()
    assert (mine["session_id"], mine["state"], mine["result"]) == (str(session_id), "confirmed", None)
    assert [line["id"] for line in (await town.candidate.get("/api/v1/bookings")).json()] == [mine["id"]]

    reasons = (await town.candidate.get(f"/api/v1/places/{session_id}")).json()["refusals"]
    assert [reason["type"] for reason in reasons] == ["/problems/unit-already-booked"]

    cancelled = await town.candidate.post(f"/api/v1/bookings/{mine['id']}/cancellation")
    assert (cancelled.status_code, cancelled.json()["release"]) == (201, "cancelled_early")
    assert await counted(town) == 0
    again = await town.candidate.post(f"/api/v1/bookings/{mine['id']}/cancellation")
    assert again.json() == cancelled.json(), "asked twice, it is given back once"


async def test_a_replay_gives_the_same_status_and_bytes_and_writes(town: Town) -> None:
    session_id = await town.open_session()
    first, second = await town.book(session_id), await town.book(session_id)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["location"] == first.headers["location"]
    assert await counted(town) == 1
    async with town.db.read() as tx:
        assert await tx.fetchval("select seen from service.idempotency") == 2
        assert await tx.fetchval("select count(*) from service.outbox where topic = 'booking.confirmed'") == 1


async def test_a_hundred_at_once_under_one_key_are_one_booking(town: Town) -> None:
    """reliability.md, I1: whoever was not told yet may ask again, and is told the same."""
    session_id = await town.open_session()
    answers = await asyncio.gather(*(town.book(session_id) for _ in range(100)))
    told = [answer for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code != 201)
    assert len({answer.content for answer in told}) == 1
    assert (await town.book(session_id)).content == told[0].content
    assert await counted(town) == 1
    async with town.db.read() as tx:
        assert await tx.fetchval("select count(*) from service.outbox where topic = 'booking.confirmed'") == 1


async def test_eight_at_once_under_one_key_are_one_booking(town: Town) -> None:
    session_id = await town.open_session()
    answers = await asyncio.gather(*(town.book(session_id) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await counted(town) == 1


async def test_while_the_first_is_under_way_the_key_is_in_flight(town: Town) -> None:
    session_id = await town.open_session()
    async with town.db.transaction() as tx:
        me = await tx.fetchval("select id from service.accounts where email = 'noor@example.org'")
        await idempotency.claim(tx, me, "key-1", request="under way", now=town.stage.now)
        waiting = await town.book(session_id)
        assert (waiting.status_code, waiting.json()["type"]) == (409, "/problems/key-in-flight")
        assert waiting.headers["retry-after"] == "1"
        await tx.execute("delete from service.idempotency")
    assert (await town.book(session_id)).status_code == 201
    assert await counted(town) == 1


async def test_a_key_is_for_one_request_of_one_person(town: Town) -> None:
    session_id = await town.open_session()
    assert (await town.book(session_id)).status_code == 201
    other = await town.book(uuid4())
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert (await town.book(session_id, who=town.rival)).status_code == 201
    assert await counted(town) == 2


async def test_without_a_key_nothing_is_booked(town: Town) -> None:
    order = {"session_id": str(await town.open_session())}
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "k" * 201}, {"Idempotency-Key": "a b"}):
        answer = await town.candidate.post("/api/v1/bookings", json=order, headers=headers)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
    assert await counted(town) == 0


async def test_a_refusal_takes_nothing_and_is_judged_anew(town: Town) -> None:
    session_id = await town.open_session(seats=1)
    theirs = (await town.book(session_id, who=town.rival)).json()
    full = await town.book(session_id)
    assert (full.status_code, full.json()["type"]) == (409, "/problems/session-full")
    assert {"bottleneck", "title", "advice", "before_me", "next_session_id"} <= full.json()["why_not"].keys()
    async with town.db.read() as tx:
        assert await tx.fetchval("select count(*) from service.idempotency") == 1
        assert await tx.fetchval("select count(*) from assessments.enrolments") == 1
    await town.rival.post(f"/api/v1/bookings/{theirs['id']}/cancellation")
    assert (await town.book(session_id)).status_code == 201


async def test_a_draft_cannot_be_told_from_nothing(town: Town) -> None:
    async with town.db.transaction() as tx:
        draft = await town.stage.draft(tx)
    for session_id in (draft, uuid4()):
        answer = await town.book(session_id)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


async def test_a_candidate_sees_only_their_own_bookings(town: Town) -> None:
    theirs = (await town.book(await town.open_session(), who=town.rival)).json()["id"]
    for booking_id in (theirs, str(uuid4())):
        assert (await town.candidate.get(f"/api/v1/bookings/{booking_id}")).status_code == 404
        assert (await town.candidate.post(f"/api/v1/bookings/{booking_id}/cancellation")).status_code == 404
    assert (await town.candidate.get("/api/v1/bookings")).json() == []
    assert await counted(town) == 1


async def test_the_body_holds_what_is_asked_for_and_nothing_else(town: Town) -> None:
    session_id = str(await town.open_session())
    headers = {"Idempotency-Key": "key"}
    for body in ({}, {"session_id": session_id, "candidate_id": str(town.candidate_id)}, {"session_id": "x"}, [], None):
        answer = await town.candidate.post("/api/v1/bookings", json=body, headers=headers)
        assert answer.status_code in (400, 422), body
    assert await counted(town) == 0


async def test_booking_needs_a_candidate(town: Town) -> None:
    session_id: UUID = await town.open_session()
    anonymous = await town.book(session_id, who=town.stranger)
    assert (anonymous.status_code, "www-authenticate" in anonymous.headers) == (401, True)
    for who in (town.evaluator, town.manager, town.administrator):
        assert (await town.book(session_id, who=who)).status_code == 403
