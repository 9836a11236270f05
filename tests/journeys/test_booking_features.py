"""What booking systems are compared by, row by row, each shown once over HTTP against the running service.

The rows are those by which pretix, Cal.com, Indico, Moodle's mod_booking and public driving-test services are told apart.
Whoever wants to know how far a row holds finds its rules, races and edge cases in tests/scheduling, tests/races and
tests/service; here a row is a short story that can be read from top to bottom.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from scheduling import closures
from service import check_in_codes, mails, reminders, worker
from service.outbox import drain
from service.reactions import BY_TOPIC
from service.settings import secret
from tests.builders.lists import PEOPLE, as_csv, carried_on
from tests.builders.stage import NUMBERS
from tests.builders.web import confirmed, signed_in
from tests.service.conftest import Town, town

__all__ = ["town"]  # a fixture


class Watch:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch(now: datetime) -> Watch:
    return Watch(now)


@pytest.fixture
def clock(watch: Watch) -> Callable[[], datetime]:
    return watch


async def later(town: Town, watch: Watch, **by: float) -> None:
    """Time passes; those who are signed in stay so."""
    watch.now += timedelta(**by)
    for name in ("noor", "sam", "manager"):
        await confirmed(town.app, f"{name}@example.org")


async def worked(town: Town) -> None:
    """The worker has done what there was to do."""
    await drain(town.app.state.running, BY_TOPIC)
    await worker.offer(town.app.state.running, BY_TOPIC)
    await drain(town.app.state.running, BY_TOPIC)


async def booked(town: Town, who: httpx.AsyncClient | None = None, **changes: object) -> tuple[UUID, str]:
    """A session that somebody has a place in: its id, and the booking's address."""
    session = await town.open_session(**changes)
    answer = await town.book(session, uuid4().hex, who)
    assert answer.status_code == 201, answer.text
    return session, answer.headers["location"]


async def unit_of(town: Town) -> str:
    async with town.db.read() as tx:
        return str(await tx.fetchval("select code from assessments.units where id = $1", town.stage.unit))


async def plan(town: Town, starts_at: datetime, room: UUID | None = None, seats: int = 2) -> httpx.Response:
    return await town.manager.post("/api/v1/sessions", json={
        "room_id": str(room or town.stage.room), "unit": await unit_of(town), "language": "fr",
        "starts_at": starts_at.isoformat(), "seats": seats,
    })  # fmt: skip


async def another_room(town: Town) -> UUID:
    async with town.db.transaction() as tx:
        return await town.stage.another_room(tx)


async def letters_to(town: Town, address: str) -> int:
    async with town.db.read() as tx:
        return int(await tx.fetchval("select count(*) from service.mails where recipient = $1", address))


def problem(answer: httpx.Response) -> str:
    assert answer.status_code in (409, 422), answer.text
    return str(answer.json()["type"]).removeprefix("/problems/")


async def test_row_01_self_booking(town: Town) -> None:
    """A candidate finds a place, holds it, and takes it for good."""
    session = await town.open_session()
    assert str(session) in [place["session_id"] for place in (await town.candidate.get("/api/v1/places")).json()]
    held = await town.candidate.post(
        "/api/v1/holds", json={"session_id": str(session)}, headers={"Idempotency-Key": "a-hold"}
    )
    assert (held.status_code, held.json()["state"]) == (201, "held")
    assert (await town.candidate.post(f"{held.headers['location']}/acceptance")).status_code in (200, 201)
    assert (await town.candidate.get(held.headers["location"])).json()["state"] == "confirmed"


async def test_row_02_capacity(town: Town) -> None:
    """Never more bookings than seats; who comes too late reads why, and what could be done."""
    session, _ = await booked(town, seats=1)
    refused = await town.book(session, "key-2", town.rival)
    assert problem(refused) == "session-full"
    assert refused.json()["why_not"]["title"]


async def test_row_03_room_assessors_and_candidate_together(town: Town) -> None:
    """Three calendars at once: none of room, jury and candidate is in two places."""
    await booked(town)
    beside = await another_room(town)
    assert problem(await plan(town, town.stage.morning + timedelta(hours=1))) == "room-busy"
    draft = (await plan(town, town.stage.morning, beside)).json()["id"]
    seat = {"assessor_id": str(town.stage.evaluator), "role": "evaluator"}
    assert problem(await town.manager.post(f"/api/v1/sessions/{draft}/jury-seats", json=seat)) == "assessor-busy"
    async with town.db.transaction() as tx:
        elsewhere = await town.there.open(tx)
    assert problem(await town.book(elsewhere, "key-2")) == "candidate-busy"


async def test_row_04_qualification_gates(town: Town) -> None:
    """Who is too young, or related to the jury, is refused with the reason; without an accreditation nothing opens."""
    session = await town.open_session()
    async with town.db.transaction() as tx:
        child = await town.stage.candidate(tx, birth_date=date(2012, 1, 1))
        await town.stage.link(tx, town.stage.observer, town.candidate_id)
        await town.stage.accredit(tx, date(2020, 1, 1), date(2021, 1, 1))
    young = await signed_in(town.app, "young@example.org", "candidate", candidate_id=child)
    assert problem(await town.book(session, "key-1", young)) == "candidate-too-young"
    assert problem(await town.book(session, "key-2")) == "assessor-knows-candidate"
    draft = (await plan(town, town.stage.morning + timedelta(days=1))).json()["id"]
    assert problem(await town.manager.put(f"/api/v1/sessions/{draft}/opening")) == "accreditation-missing"


async def test_row_05_holds(town: Town, watch: Watch) -> None:
    """A held seat is nobody else's for ten minutes, and then anybody's."""
    session = await town.open_session(seats=1)
    order = {"session_id": str(session)}
    await town.candidate.post("/api/v1/holds", json=order, headers={"Idempotency-Key": "a-hold"})
    assert problem(await town.book(session, "key-1", town.rival)) == "session-full"
    await later(town, watch, minutes=11)
    assert (await town.book(session, "key-2", town.rival)).status_code == 201


async def test_row_06_waiting_list(town: Town) -> None:
    """A seat that comes free is offered to who waits, and to nobody else meanwhile."""
    _, booking = await booked(town, seats=1)
    wish = {"unit": await unit_of(town), "languages": ["fr"], "earliest": "2026-09-01"}
    joined = await town.rival.post("/api/v1/waiting", json=wish)
    assert joined.status_code == 201, joined.text
    await town.candidate.post(f"{booking}/cancellation")
    await worked(town)
    (offered,) = (await town.rival.get("/api/v1/bookings")).json()
    assert offered["state"] == "held"
    assert (await town.rival.post(f"/api/v1/bookings/{offered['id']}/acceptance")).status_code in (200, 201)


async def test_row_07_deadlines(town: Town) -> None:
    """Once the list is closed nobody books any more, and those on it are summoned."""
    session, booking = await booked(town)
    assert (await town.manager.put(f"/api/v1/sessions/{session}/lock")).status_code == 200
    assert problem(await town.book(session, "key-2", town.rival)) == "session-not-open"
    await worked(town)
    assert (await town.candidate.get(booking)).json()["state"] == "convoked"


async def test_row_08_buffers(town: Town) -> None:
    """Setting up and tearing down are real time: half an hour on either side of four."""
    await town.open_session()
    assert problem(await plan(town, town.stage.morning + timedelta(hours=4, minutes=45))) == "room-busy"
    assert (await plan(town, town.stage.morning + timedelta(hours=5))).status_code == 201


async def test_row_09_groups(town: Town) -> None:
    """A session is split: part of the group goes to a second one, with its jury, in one step."""
    session, first = await booked(town)
    second = (await town.book(session, "key-2", town.rival)).headers["location"]
    split = await town.manager.post(f"/api/v1/sessions/{session}/split", json={
        "room_id": str(town.stage.room), "starts_at": (town.stage.morning + timedelta(days=1)).isoformat(), "seats": 1,
        "jury": [{"assessor_id": str(town.stage.evaluator), "role": "evaluator"}],
        "bookings": [second.rpartition("/")[2]],
    })  # fmt: skip
    assert split.status_code == 201, split.text
    assert (await town.candidate.get(first)).json()["session_id"] == str(session)
    assert [
        one["session_id"] for one in (await town.rival.get("/api/v1/bookings")).json() if one["release"] is None
    ] == [split.json()["id"]]


async def test_row_10_equipment(town: Town) -> None:
    """Each candidate has a piece of equipment, or there is no seat: four pods are four seats."""
    assert problem(await plan(town, town.stage.morning, seats=5)) == "equipment-short"
    session = (await plan(town, town.stage.morning, seats=3)).json()["id"]
    assert len((await town.manager.get(f"/api/v1/sessions/{session}")).json()["equipment"]) == 3


async def test_row_11_attempts(town: Town) -> None:
    """One live booking for a unit; after a test that was missed another attempt is open."""
    session, booking = await booked(town)
    other = await town.open_session(starts_at=town.stage.morning + timedelta(days=1))
    assert problem(await town.book(other, "key-2")) == "unit-already-booked"
    await town.manager.put(f"/api/v1/sessions/{session}/lock")
    assert (await town.manager.put(f"{booking}/no-show")).status_code == 200
    assert (await town.book(other, "key-3")).status_code == 201


async def test_row_12_adjustments(town: Town) -> None:
    """A quarter more time is a quarter more time: in the candidate's calendar, the room's and the jury's."""
    asked = await town.candidate.post("/api/v1/measures", json={"measure": "extra_time", "extra_percent": 25})
    await booked(town)
    answer = await town.manager.put(f"/api/v1/measures/{asked.json()['id']}/answer", json={"answer": "granted"})
    assert answer.json()["widened"] == 1
    assert problem(await plan(town, town.stage.morning + timedelta(hours=5))) == "room-busy"
    assert (await plan(town, town.stage.morning + timedelta(hours=6))).status_code == 201


async def test_row_13_no_shows(town: Town) -> None:
    """Who did not come is noted, knows it, and may say why."""
    session, booking = await booked(town)
    await town.manager.put(f"/api/v1/sessions/{session}/lock")
    assert (await town.manager.put(f"{booking}/no-show")).status_code == 200
    assert (await town.candidate.get(booking)).json()["release"] == "no_show"
    assert (await town.candidate.post(f"{booking}/excuse", json={"reason": "malade"})).status_code == 201


async def test_row_14_reminders(town: Town, watch: Watch) -> None:
    """A week before the test a letter asks: do you come? One tap answers."""
    _, booking = await booked(town)
    await worked(town)
    before = await letters_to(town, "noor@example.org")
    await later(town, watch, days=7)
    await reminders.remind(town.app.state.running)
    await worked(town)
    assert await letters_to(town, "noor@example.org") == before + 1
    assert (await town.candidate.put(f"{booking}/confirmation")).status_code == 200


async def test_row_15_imports(town: Town) -> None:
    """A list is checked line by line; what is right is written when that is ordered."""
    line = ("K-1", "ali@example.org", "Ali", "Benali", "17/05/1990", "fr", "jobseeker")
    file = as_csv(PEOPLE, line, ("K-2", "no address", *line[2:]))
    handed = await town.manager.post("/api/v1/imports", data={"kind": "candidates"}, files={"file": ("a.csv", file)})
    await carried_on(town.app.state.running)
    counts = (await town.manager.get(handed.headers["location"])).json()["counts"]
    assert (counts["new"], counts["refused"], counts["written"]) == (1, 1, 0)
    await town.manager.put(f"{handed.headers['location']}/order")
    await carried_on(town.app.state.running)
    assert (await town.manager.get(handed.headers["location"])).json()["counts"]["written"] == 1


async def test_row_16_reschedule(town: Town) -> None:
    """Another date in one step: the old place is free only because the new one is got."""
    session, booking = await booked(town, seats=1)
    other = await town.open_session(starts_at=town.stage.morning + timedelta(days=1), seats=1)
    changed = await town.candidate.post(
        f"{booking}/rescheduling", json={"session_id": str(other)}, headers={"Idempotency-Key": "key-move"}
    )
    assert (changed.status_code, changed.json()["session_id"]) == (201, str(other))
    assert (await town.book(session, "key-2", town.rival)).status_code == 201


async def test_row_17_cancellation_windows(town: Town, watch: Watch) -> None:
    """Early is free of consequences, late is said to be late."""
    _, early = await booked(town)
    _, late = await booked(town, town.rival, starts_at=town.stage.morning + timedelta(days=1))
    assert (await town.candidate.post(f"{early}/cancellation")).json()["release"] == "cancelled_early"
    await later(town, watch, days=14)
    assert (await town.rival.post(f"{late}/cancellation")).json()["release"] == "cancelled_late"


async def test_row_18_series(town: Town) -> None:
    """Every Tuesday at nine, seen before it is written, at nine also after the clocks go back."""
    pattern = {
        "room_id": str(town.stage.room), "unit": await unit_of(town), "language": "fr", "seats": 2,
        "rule": "FREQ=WEEKLY;COUNT=3;BYDAY=TU", "first_day": "2026-10-20", "at": "09:00:00",
    }  # fmt: skip
    dates = (await town.manager.post("/api/v1/series/preview", json=pattern)).json()
    assert [one["starts_at"][:16] for one in dates] == ["2026-10-20T07:00", "2026-10-27T08:00", "2026-11-03T08:00"]
    order = {"pattern": pattern, "dates": [{"starts_at": one["starts_at"]} for one in dates]}
    assert (await town.manager.post("/api/v1/series", json=order)).status_code == 201


async def test_row_19_closures(town: Town) -> None:
    """On a day on which the centre is closed nothing can be planned, and the reason is said."""
    day = closures.whole_day(town.stage.morning.date())
    async with town.db.transaction() as tx:
        await closures.close(tx, centre_id=town.stage.centre, starts_at=day[0], ends_at=day[1], reason="Fête locale")
    assert problem(await plan(town, town.stage.morning)) == "room-closed"


async def test_row_20_repairs(town: Town) -> None:
    """The room is flooded: everybody concerned on one page, the best way out, applied in one step."""
    session, _ = await booked(town)
    beside = await another_room(town)
    repair = (await town.manager.post("/api/v1/repairs", json={
        "centre_id": str(town.stage.centre), "trouble": "room", "subject_id": str(town.stage.room),
        "starts_at": (town.stage.morning - timedelta(hours=2)).isoformat(),
        "ends_at": (town.stage.morning + timedelta(hours=10)).isoformat(), "reason": "Inondation",
    })).json()  # fmt: skip
    choices = {str(session): repair["sessions"][0]["proposed"]}
    done = await town.manager.post(f"/api/v1/repairs/{repair['id']}/application", json={"choices": choices})
    assert done.status_code == 201, done.text
    moved = (await town.manager.get(f"/api/v1/sessions/{session}")).json()["session"]
    assert moved["room_id"] == str(beside)


async def test_row_21_check_in(town: Town) -> None:
    """At the door a code is scanned, the identity seen, the contract signed; then the test can begin."""
    session, booking = await booked(town)
    await town.manager.put(f"/api/v1/sessions/{session}/lock")
    code = check_in_codes.code(secret(town.app.state.settings), UUID(booking.rpartition("/")[2]))
    assert "Noor" in (await town.manager.get(f"/check-in/{code}")).text
    assert problem(await town.manager.put(f"/api/v1/sessions/{session}/start")) == "contract-unsigned"
    await town.manager.put(f"{booking}/identity-check")
    await town.manager.put(f"{booking}/contract")
    assert (await town.manager.put(f"/api/v1/sessions/{session}/start")).status_code == 200


async def test_row_22_calendar_feeds(town: Town) -> None:
    """The test stands in the candidate's own calendar, by an address that only they have."""
    await booked(town)
    made = await town.candidate.post("/api/v1/feeds", json={"kind": "candidate", "owner_id": str(town.candidate_id)})
    calendar = await town.stranger.get("/" + made.json()["url"].partition("://")[2].partition("/")[2])
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in calendar.text


async def test_row_23_alerts(town: Town) -> None:
    """Who asked is told when a place opens."""
    asked = await town.candidate.post("/api/v1/alerts", json={"what": await unit_of(town)})
    assert asked.status_code == 201, asked.text
    await town.open_session()
    await worked(town)
    while await mails.send_next(town.app.state.running):
        pass
    assert "noor@example.org" in (await town.stranger.get("/mail")).text


async def test_row_24_languages(town: Town) -> None:
    """The same page, the same refusal, in four languages."""
    session, _ = await booked(town, seats=1)
    titles = set()
    for language in ("fr", "nl", "en", "de"):
        page = await town.candidate.get("/sessions", headers={"Accept-Language": language}, params={"lang": language})
        assert page.headers["content-language"] == language
        town.rival.cookies.set("language", language)
        titles.add((await town.book(session, f"key-{language}", town.rival)).json()["title"])
    assert len(titles) == 4


async def test_row_25_accessibility(town: Town) -> None:
    """A room without steps can be asked for; and who was granted one is never seated upstairs."""
    async with town.db.transaction() as tx:
        upstairs = await tx.fetchval(
            """insert into scheduling.rooms (centre_id, site_id, name, kind, stations, accessible)
               values ($1, $2, $3, 'cisco-lab', 8, false) returning id""",
            town.stage.centre,
            town.stage.site,
            f"Étage {next(NUMBERS)}",
        )
        await tx.execute(
            """insert into scheduling.opening_hours (room_id, weekday, opens, closes)
               select $1, d, '08:00', '21:00' from generate_series(1, 5) d""",
            upstairs,
        )
    session = await town.open_session(room_id=upstairs)
    found = await town.candidate.get("/api/v1/places", params={"accessible": "true"})
    assert str(session) not in [place["session_id"] for place in found.json()]
    asked = await town.candidate.post("/api/v1/measures", json={"measure": "ground_floor"})
    await town.manager.put(f"/api/v1/measures/{asked.json()['id']}/answer", json={"answer": "granted"})
    assert problem(await town.book(session)) == "room-not-accessible"
