"""What is closed, as the centre enters it: seen before it is written, mended where tests lie in it, taken back."""

from datetime import UTC, datetime

from scheduling import bookings, closures, sessions
from tests.builders.hall import Hall, text

WORKS = {"from_day": "2026-09-15", "to_day": "2026-09-16", "reason": "Travaux de toiture"}


async def closed(hall: Hall) -> list[closures.Closure]:
    async with hall.db.read() as tx:
        return await closures.of_centre(tx, hall.street.room.centre_id, since=hall.street.now, now=hall.street.now)


async def test_a_training_takes_the_room_and_is_taken_back(hall: Hall) -> None:
    order = {
        "room": str(hall.street.room.id), "from_day": "2026-09-17", "from_at": "13:00", "to_at": "17:00", "to_day": "",
        "reason": "Formation",
    }  # fmt: skip
    seen = await hall.manager.post("/centre/closures", data=order)
    assert "Aucune session n’est touchée" in text(seen)
    assert await closed(hall) == []
    for _ in range(2):
        assert (await hall.manager.post("/centre/closures", data=order | {"act": "close"})).status_code == 303
    (one,) = await closed(hall)
    assert (one.starts_at, one.ends_at) == (
        datetime(2026, 9, 17, 11, tzinfo=UTC),
        datetime(2026, 9, 17, 15, tzinfo=UTC),
    )
    listed = text(await hall.manager.get("/centre/closures"))
    assert "Formation" in listed
    assert "Jour férié" not in listed
    removal = f"/centre/closures/{one.id}/removal"
    assert (await hall.street.other_manager.post(removal)).status_code == 404
    assert (await hall.manager.post(removal)).status_code == 303
    assert (await closed(hall), (await hall.manager.post(removal)).status_code) == ([], 404)


async def test_works_over_tests_are_not_written_before_these_are_mended(hall: Hall) -> None:
    """The order is refused with what it meets, also when it was empty a moment ago; the repair closes it."""
    session = await hall.planned()
    assert "y est prévue" in text(await hall.manager.post("/centre/closures", data=WORKS))
    async with hall.db.transaction() as tx:
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
        await bookings.book(tx, session, hall.street.noor_id, by=None, now=hall.street.now)
    refused = await hall.manager.post("/centre/closures", data=WORKS | {"act": "close"})
    assert refused.status_code == 409
    assert "Des épreuves sont prévues dans ce qui doit être fermé" in text(refused)
    assert await closed(hall) == []
    repair = {
        "subject": f"centre:{hall.street.room.centre_id}", "from_day": "2026-09-15", "from_at": "00:00",
        "to_day": "2026-09-17", "to_at": "00:00", "reason": WORKS["reason"],
    }  # fmt: skip
    assert all(f'name="{name}" value="{value}"' in refused.text for name, value in repair.items())
    page = (await hall.manager.post("/centre/repairs", data=repair)).headers["location"]
    assert "Noor Peeters" in text(await hall.manager.get(page))


async def test_what_was_typed_is_checked_and_kept(hall: Hall) -> None:
    for wrong, said in (
        ({"reason": " "}, "Dites pourquoi c’est fermé"),
        ({"from_day": ""}, "Choisissez un jour, et une heure qui existe ce jour-là"),
        ({"from_day": "2026-10-25", "from_at": "25:00"}, "Choisissez un jour, et une heure qui existe ce jour-là"),
        ({"to_day": "2026-09-14"}, "Choisissez un jour ou une heure après le début"),
        ({"to_day": "2029-09-14"}, "Choisissez deux ans au plus"),
        ({"from_day": "2020-01-01", "to_day": ""}, "Ce moment est passé"),
        ({"room": "nothing"}, "Choisissez un local, ou tout le centre"),
    ):
        answer = await hall.manager.post("/centre/closures", data=WORKS | wrong)
        assert (answer.status_code, said in text(answer)) == (422, True), said
    assert await closed(hall) == []


async def test_the_plan_shows_what_is_closed(hall: Hall) -> None:
    await hall.planned(days=7)
    centre = hall.street.room.centre_id
    async with hall.db.transaction() as tx:
        await closures.close_on_public_holidays(tx, centre_id=centre, year=2026)
    await hall.manager.post("/centre/closures", data=WORKS | {"act": "close"})
    plan = text(await hall.manager.get("/centre"))
    assert "mardi 15 septembre 2026 – mercredi 16 septembre 2026 (Travaux de toiture)" in plan
    assert "mercredi 11 novembre 2026 (Jour de l’Armistice)" in plan
    assert "Jour férié" in text(await hall.manager.get("/centre/closures"))
    for language, called in (("nl", "Wapenstilstand"), ("de", "Waffenstillstand"), ("en", "Armistice Day")):
        assert f"({called})" in text(await hall.manager.get(f"/centre/closures?lang={language}"))


async def test_programs_see_close_and_reopen(hall: Hall) -> None:
    session, centre = await hall.planned(), hall.street.room.centre_id
    here, wish = f"/api/v1/centres/{centre}/closures", {
        "starts_at": "2026-09-15T00:00:00+02:00", "ends_at": "2026-09-16T00:00:00+02:00", "reason": "Travaux",
    }  # fmt: skip
    (met,) = (await hall.manager.post(f"{here}/preview", json=wish)).json()
    assert (met["session"]["id"], met["booked"], met["held"]) == (str(session), 0, 0)
    assert (await hall.manager.post(here, json=wish)).json()["type"] == "/problems/sessions-in-closure"
    assert (await hall.manager.post(here, json=wish | {"ends_at": wish["starts_at"]})).status_code == 422
    assert (await hall.manager.post(here, json=wish | {"room_id": str(session)})).status_code == 404
    later = wish | {"starts_at": "2026-09-21T00:00:00+02:00", "ends_at": "2026-09-22T00:00:00+02:00"}
    made = await hall.manager.post(here, json=later | {"room_id": str(hall.street.room.id)})
    assert (made.status_code, made.json()["room_name"], made.json()["cause"]) == (201, "Atelier 1", "entered")
    assert [one["id"] for one in (await hall.manager.get(here)).json()] == [made.json()["id"]]
    assert (await hall.street.other_manager.get(here)).status_code == 404
    assert (await hall.manager.delete(f"/api/v1/closures/{made.json()['id']}")).status_code == 204
    assert (await hall.manager.get(here)).json() == []
