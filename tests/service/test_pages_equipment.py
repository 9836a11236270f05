"""What is out of order, as the centre enters it: seen before it is written, mended where tests count on it, back again."""

import re
from html import unescape
from uuid import UUID

import pytest
from msgspec.structs import replace

from assessments import standards
from scheduling import bookings, equipment, equipment_reservations, outages, sessions
from scheduling.refusals import NotFound
from service import agenda
from tests.builders.hall import Hall, text

BROKEN = {"from_day": "2026-09-15", "from_at": "", "to_day": "", "to_at": "", "reason": "Moteur brûlé"}


async def with_forklifts(hall: Hall, count: int) -> list[UUID]:
    """The unit's tests need a forklift a seat from now on, and there are so many."""
    street = hall.street
    async with hall.db.transaction() as tx:
        found = await tx.fetchval(
            "select id from assessments.standards where unit_id = $1 and retired_at is null", street.unit.id
        )
        content = replace((await standards.get(tx, found)).content, equipment_kind="forklift")
        await standards.publish(tx, await standards.draft(tx, street.unit.id, content), now=street.now)
        return [
            await equipment.add(tx, centre_id=street.room.centre_id, kind="forklift", name=f"Chariot {number}")
            for number in range(1, count + 1)
        ]


async def booked_with(hall: Hall, forklift: UUID) -> UUID:
    """A session for one, who has booked, with that forklift."""
    session = await hall.planned(seats=1)
    async with hall.db.transaction() as tx:
        await equipment_reservations.reserve(tx, session, forklift)
        await sessions.open_for_booking(tx, session, by=None, now=hall.street.now)
        await bookings.book(tx, session, hall.street.noor_id, by=None, now=hall.street.now)
    return session


async def out(hall: Hall) -> list[outages.Outage]:
    async with hall.db.read() as tx:
        return await outages.of_centre(tx, hall.street.room.centre_id, now=hall.street.now)


async def test_a_forklift_breaks_and_comes_back(hall: Hall) -> None:
    forklift, _ = await with_forklifts(hall, 2)
    order = BROKEN | {"piece": str(forklift)}
    assert "Aucune session ne compte dessus" in text(await hall.manager.post("/centre/outages", data=order))
    assert await out(hall) == []
    for _ in range(2):
        assert (await hall.manager.post("/centre/outages", data=order | {"act": "enter"})).status_code == 303
    (one,) = await out(hall)
    assert (one.equipment_id, one.ends_at) == (forklift, None)
    page = text(await hall.manager.get("/centre/equipment"))
    assert "à partir du mardi 15 septembre 2026, 0 h 00, jusqu’à nouvel ordre (Moteur brûlé)" in page
    assert "Chariot élévateur frontal" in page, "kinds are said in words"
    assert "forklift" not in page
    back = f"/centre/outages/{one.id}/return"
    assert (await hall.street.other_manager.post(back)).status_code == 404
    assert (await hall.manager.post(back)).status_code == 303
    assert (await out(hall), (await hall.manager.post(back)).status_code) == ([], 404)
    assert "Tout fonctionne." in text(await hall.manager.get("/centre/equipment"))


async def test_a_broken_forklift_is_not_entered_before_the_tests_that_count_on_it_are_mended(hall: Hall) -> None:
    """There is no other forklift: the page leads to the repair, which moves nobody onto it, and enters it in the same step."""
    (forklift,) = await with_forklifts(hall, 1)
    session = await booked_with(hall, forklift)
    order = BROKEN | {"piece": str(forklift)}
    assert "1 session compte dessus" in text(await hall.manager.post("/centre/outages", data=order))
    refused = await hall.manager.post("/centre/outages", data=order | {"act": "enter"})
    assert (refused.status_code, "Des épreuves comptent sur cet équipement" in text(refused)) == (409, True)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', refused.text))
    assert (fields["subject"], fields["to_day"], fields["reason"]) == (f"equipment:{forklift}", "", "Moteur brûlé")
    page = (await hall.manager.post("/centre/repairs", data=fields)).headers["location"]
    seen = await hall.manager.get(page)
    assert "jusqu’à nouvel ordre" in text(seen)
    options = [unescape(one) for one in re.findall(r'<option value="([^"]*)"', seen.text)]
    assert [one.split("|")[1] for one in options] == ["cancel"], "to leave it on a broken forklift is no way"
    left = await hall.manager.post(f"{page}/application", data={"choice": f"{session}|leave"})
    assert (left.status_code, await out(hall)) == (409, [])
    assert (await hall.manager.post(f"{page}/application", data={"choice": options[0]})).status_code == 303
    done = await hall.manager.get(page)
    assert ("C’est réparé" in text(done), 'href="/centre/equipment"' in done.text) == (True, True)
    (one,) = await out(hall)
    async with hall.db.read() as tx:
        held = [piece.name for piece in await agenda.pieces(tx, session)]
    assert (one.equipment_id, held) == (forklift, [])


async def test_a_repair_that_concerns_nobody_is_entered_all_the_same(hall: Hall) -> None:
    forklift, _ = await with_forklifts(hall, 2)
    fields = BROKEN | {"subject": f"equipment:{forklift}", "from_at": "00:00"}
    page = (await hall.manager.post("/centre/repairs", data=fields)).headers["location"]
    assert "Aucune session n’est concernée" in text(await hall.manager.get(page))
    assert (await hall.manager.post(f"{page}/application")).status_code == 303
    assert "Personne ne devait être prévenu" in text(await hall.manager.get(page))
    assert [one.equipment_id for one in await out(hall)] == [forklift]
    room = fields | {"subject": f"room:{hall.street.room.id}"}
    assert (await hall.manager.post("/centre/repairs", data=room)).status_code == 422, "of a room the end is known"


async def test_what_was_typed_is_checked_and_kept(hall: Hall) -> None:
    (forklift,) = await with_forklifts(hall, 1)
    for wrong, said in (
        ({"reason": " "}, "Dites ce qui ne va pas"),
        ({"piece": "nothing"}, "Choisissez un équipement"),
        ({"from_day": ""}, "Choisissez un jour, et une heure qui existe ce jour-là"),
        ({"to_day": "2026-09-14"}, "Choisissez un jour ou une heure après le début"),
        ({"to_day": "9999-12-31"}, "Choisissez un jour ou une heure après le début"),
        ({"to_at": "10:00"}, "Choisissez un jour ou une heure après le début"),
        ({"from_day": "2020-01-01", "to_day": "2020-01-02"}, "Ce moment est passé"),
        ({"to_day": "2029-09-14"}, "Choisissez deux ans au plus"),
    ):
        answer = await hall.manager.post("/centre/outages", data=BROKEN | {"piece": str(forklift)} | wrong)
        assert (answer.status_code, said in text(answer)) == (422, True), (wrong, said)
        assert "reason" in wrong or "Moteur brûlé" in answer.text
    assert await out(hall) == []


async def test_programs_see_what_is_out_of_order_and_say_so(hall: Hall) -> None:
    (forklift,) = await with_forklifts(hall, 1)
    session, centre = await booked_with(hall, forklift), hall.street.room.centre_id
    here = f"/api/v1/centres/{centre}"
    wish = {"equipment_id": str(forklift), "starts_at": "2026-09-15T00:00:00+02:00", "reason": "Panne"}
    (met,) = (await hall.manager.post(f"{here}/outages/preview", json=wish)).json()
    assert (met["session"]["id"], met["booked"]) == (str(session), 1)
    assert (await hall.manager.post(f"{here}/outages", json=wish)).json()["type"] == "/problems/equipment-counted-on"
    assert (await hall.manager.post(f"{here}/outages", json=wish | {"ends_at": wish["starts_at"]})).status_code == 422
    assert (await hall.manager.post(f"{here}/outages", json=wish | {"equipment_id": str(session)})).status_code == 404
    later = wish | {"starts_at": "2026-10-15T00:00:00+02:00", "ends_at": "2026-10-16T00:00:00+02:00"}
    made = await hall.manager.post(f"{here}/outages", json=later)
    assert (made.status_code, made.json()["name"], made.json()["planned"]) == (201, "Chariot 1", 0)
    ((piece,),) = ((await hall.manager.get(f"{here}/equipment")).json(),)
    assert (piece["kind"], [one["id"] for one in piece["outages"]]) == ("forklift", [made.json()["id"]])
    assert (await hall.street.other_manager.get(f"{here}/equipment")).status_code == 404
    assert (await hall.manager.post(f"/api/v1/outages/{made.json()['id']}/return")).status_code == 204
    assert (await hall.manager.get(f"{here}/equipment")).json()[0]["outages"] == []
    repair = {"centre_id": str(centre), "trouble": "equipment", "subject_id": str(forklift), "reason": "Panne"}
    repair["starts_at"] = wish["starts_at"]
    proposed = (await hall.manager.post("/api/v1/repairs", json=repair)).json()
    assert proposed["sessions"][0]["options"] == ["cancel"]
    open_room = repair | {"trouble": "room", "subject_id": str(hall.street.room.id)}
    assert (await hall.manager.post("/api/v1/repairs", json=open_room)).status_code == 422


async def test_of_a_piece_that_is_gone_nothing_fails_any_more(hall: Hall) -> None:
    (forklift,) = await with_forklifts(hall, 1)
    here = f"/api/v1/centres/{hall.street.room.centre_id}/outages"
    wish = {"equipment_id": str(forklift), "starts_at": "2026-10-15T00:00:00+02:00", "reason": "Panne"}
    assert (await hall.manager.post(f"/api/v1/equipment/{forklift}/retirement")).status_code == 204
    for address in (here, f"{here}/preview"):
        assert (await hall.manager.post(address, json=wish)).status_code == 404
    with pytest.raises(NotFound):
        async with hall.db.transaction() as tx:
            await outages.enter(
                tx, equipment_id=forklift, starts_at=hall.street.now, ends_at=None, reason="Panne", by=None,
                now=hall.street.now,
            )  # fmt: skip


async def test_a_piece_is_entered_and_goes_where_another_one_replaces_it(hall: Hall) -> None:
    """The only forklift of a test stays, and the page names the session; with a second one it goes, and the test has that."""
    (forklift,) = await with_forklifts(hall, 1)
    session = await booked_with(hall, forklift)
    gone = {"retired": str(forklift)}
    assert "Choisissez un équipement" in text(await hall.manager.post("/centre/retirements", data={"retired": ""}))
    refused = await hall.manager.post("/centre/retirements", data=gone)
    assert (refused.status_code, f'href="/centre/sessions/{session}"' in refused.text) == (409, True)
    assert "Des sessions ont besoin de cet équipement, et aucun autre ne peut le remplacer" in text(refused)
    assert "enregistrez un autre équipement. (Chariot 1)" in text(refused)
    for kind, name, said in (
        ("", "X", "Choisissez une sorte"),
        ("forklift", " ", "Donnez-lui un nom"),
        ("forklift", "Chariot 1", "porte déjà ce nom"),
    ):
        wrong = await hall.manager.post("/centre/equipment", data={"kind": kind, "name": name})
        assert (wrong.status_code in (409, 422), said in text(wrong)) == (True, True)
    new = {"kind": "forklift", "name": "INV-0042"}
    assert (await hall.manager.post("/centre/equipment", data=new)).status_code == 303
    assert (await hall.manager.post("/centre/retirements", data=gone)).status_code == 303
    page = text(await hall.manager.get("/centre/equipment"))
    assert ("INV-0042" in page, "Chariot 1" in page) == (True, False)
    async with hall.db.read() as tx:
        assert [one.name for one in await agenda.pieces(tx, session)] == ["INV-0042"]
        changes = await tx.fetch("select action from service.audit where subject_id = $1 order by at", forklift)
    assert len(changes) == 2, "entered and retired"


async def test_programs_enter_and_retire_pieces(hall: Hall) -> None:
    (forklift,) = await with_forklifts(hall, 1)
    await booked_with(hall, forklift)
    here = f"/api/v1/centres/{hall.street.room.centre_id}/equipment"
    new = {"kind": "forklift", "name": "INV-0042"}
    assert (await hall.manager.post(here, json=new | {"kind": "spaceship"})).status_code == 422
    gone = f"/api/v1/equipment/{forklift}/retirement"
    assert (await hall.manager.post(gone)).json()["type"] == "/problems/equipment-needed"
    made = await hall.manager.post(here, json=new)
    assert (made.status_code, made.json()["name"]) == (201, "INV-0042")
    assert (await hall.manager.post(here, json=new)).json()["type"] == "/problems/equipment-known"
    assert (await hall.street.other_manager.post(gone)).status_code == 404
    assert [(await hall.manager.post(gone)).status_code for _ in range(2)] == [204, 404]
    assert [one["name"] for one in (await hall.manager.get(here)).json()] == ["INV-0042"]
