"""Programs invite, split, merge and mend as the pages do."""

from datetime import timedelta

from scheduling import rooms, sessions
from tests.builders.hall import Hall
from tests.builders.stage import begins_at, open_weekdays


async def test_a_repair_from_the_trouble_to_the_new_room(hall: Hall) -> None:
    session, room = await hall.planned(), hall.street.room
    async with hall.db.transaction() as tx:
        site = await tx.fetchval("select site_id from scheduling.rooms where id = $1", room.id)
        beside = await rooms.add(
            tx, centre_id=room.centre_id, site_id=site, name="Atelier 2", kind=room.kind, stations=8
        )
        await open_weekdays(tx, beside)
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    trouble = {
        "centre_id": str(room.centre_id), "trouble": "room", "subject_id": str(room.id), "reason": "Inondation",
        "starts_at": "2026-09-15T00:00:00+02:00", "ends_at": "2026-09-16T00:00:00+02:00",
    }  # fmt: skip
    assert (await hall.street.other_manager.post("/api/v1/repairs", json=trouble)).status_code == 404
    assert (await hall.manager.post("/api/v1/repairs", json={**trouble, "trouble": "assessor"})).status_code == 404
    assert (
        await hall.manager.post("/api/v1/repairs", json={**trouble, "ends_at": trouble["starts_at"]})
    ).status_code == 422
    repair = (await hall.manager.post("/api/v1/repairs", json=trouble)).json()
    (mending,) = repair["sessions"]
    assert (mending["proposed"].split("|")[0], mending["refused"], repair["changed"]) == ("room", None, [])
    application = f"/api/v1/repairs/{repair['id']}/application"
    wrong = await hall.manager.post(application, json={"choices": {str(session): "swap|nobody"}})
    assert wrong.json()["type"] == "/problems/repair-outdated"
    done = await hall.manager.post(application, json={"choices": {str(session): mending["proposed"]}})
    assert (done.status_code, bool(done.json()["applied_at"])) == (201, True)
    assert (await hall.manager.get(f"/api/v1/sessions/{session}")).json()["session"]["room_id"] == str(beside)


async def test_an_invitation_from_the_proposal_to_the_answer(hall: Hall) -> None:
    plan = sessions.Plan(hall.street.room.id, hall.street.unit.id, "fr", hall.street.start, 2)
    async with hall.db.transaction() as tx:
        session = await sessions.plan(tx, plan, by=None, now=hall.street.now)
    found = (await hall.manager.get(f"/api/v1/sessions/{session}/proposals/observer")).json()
    assert [one["name"] for one in found if not one["obstacles"]] == ["Hélène Baert"]
    assert (await hall.manager.get(f"/api/v1/sessions/{session}/proposals/king")).status_code in (400, 404, 422)
    order = {"assessor_id": found[0]["assessor_id"], "role": "observer", "answer_by": "2026-09-08T12:00:00+02:00"}
    late = {**order, "answer_by": "2026-09-30T12:00:00+02:00"}
    here = f"/api/v1/sessions/{session}/invitations"
    assert (await hall.manager.post(here, json=late)).json()["type"] == "/problems/answer-date-impossible"
    invitation = (await hall.manager.post(here, json=order)).json()["id"]
    for _ in range(2):
        assert (await hall.observer.put(f"/api/v1/invitations/{invitation}/refusal")).status_code == 200
    yes = await hall.observer.put(f"/api/v1/invitations/{invitation}/acceptance")
    assert yes.json()["type"] == "/problems/invitation-over"
    assert (await hall.evaluator.put(f"/api/v1/invitations/{invitation}/acceptance")).status_code == 404


async def test_two_sessions_are_merged_and_a_candidate_is_turned_away(hall: Hall) -> None:
    one, other = await hall.planned(), await hall.planned(days=1)
    async with hall.db.transaction() as tx:
        for session in (one, other):
            await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
    await hall.street.book(one)
    order = {"into": str(other), "reason": "Trop peu de monde"}
    merged = await hall.manager.post(f"/api/v1/sessions/{one}/merge", json=order)
    assert (merged.status_code, merged.json()["taken"]) == (201, 1)
    async with hall.db.read() as tx:
        booking = await tx.fetchval("select id from scheduling.bookings where released_at is null")
    turning = f"/api/v1/bookings/{booking}/turning-away"
    assert (await hall.manager.post(turning, json={"cause": "rain"})).status_code in (400, 422)
    early = await hall.manager.post(turning, json={"cause": "jury"})
    assert (early.status_code, early.json()["type"]) == (409, "/problems/turned-away-too-early")
    async with hall.db.transaction() as tx:
        await begins_at(tx, other, hall.street.now + timedelta(hours=1))
    answer = await hall.manager.post(turning, json={"cause": "jury"})
    assert (answer.status_code, answer.json()["release"]) == (201, "turned_away")
