"""Rows 14 to 25 of what booking systems are compared by; see test_booking_features.py."""

from datetime import timedelta
from uuid import UUID

from scheduling import closures
from service import check_in_codes, mails, reminders
from service.settings import secret
from tests.builders.features import (
    Town,
    Watch,
    another_room,
    booked,
    clock,
    later,
    letters_to,
    plan,
    problem,
    town,
    unit_of,
    watch,
    worked,
)
from tests.builders.lists import PEOPLE, as_csv, carried_on
from tests.builders.stage import NUMBERS

__all__ = ["clock", "town", "watch"]  # fixtures


async def test_row_14_reminders(town: Town, watch: Watch) -> None:
    """A week before the test a letter asks: do you come? One tap answers."""
    _, booking = await booked(town)
    await worked(town)
    before = await letters_to(town, "noor@example.org")
    await later(town, watch, days=7)
    await reminders.remind(town.app.state.running.as_house())
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
        await closures.close(
            tx,
            centre_id=town.stage.centre,
            starts_at=day[0],
            ends_at=day[1],
            reason="Fête locale",
            by=None,
            now=town.stage.now,
        )
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
    while await mails.send_next(town.app.state.running.as_house()):
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
