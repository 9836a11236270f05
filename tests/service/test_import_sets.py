"""Lines that bring something new are carried out in sets: quicker than one by one, and judged the same, word for word."""

from datetime import timedelta

import pytest
from msgspec import structs

from service.import_lines import Line
from service.importing import steps
from tests.builders.lists import SESSIONS, as_csv, codes, verdicts
from tests.builders.office import Office

ROOMS = ("reference", "site", "name", "kind", "stations", "accessible", "opening_hours")


async def _a_week(office: Office) -> bytes:
    """Twelve sessions, of which some refuse, some are there without somebody of the jury, and some are good."""
    day, stage = office.stage.morning.date(), office.stage
    async with office.running.db.transaction() as tx:
        other = await stage.another_room(tx)
        await tx.execute("update scheduling.rooms set name = 'Labo B' where id = $1", other)
        colleague = await stage.assessor(tx, "evaluator", of_centre=True, languages=("nl",))
        mail = await tx.fetchval("select email from assessments.assessors where id = $1", colleague)
    rest = {"evaluators": mail, "observers": "", "manager": ""}
    return as_csv(
        SESSIONS,
        office.session("S-1", day),
        office.session("S-2", day, room="Labo B", seats="1", **rest),  # does not speak French
        office.session("S-3", day, room="Labo B", at="15:00"),
        office.session("S-4", day, at="15:30"),  # its whole jury sits in S-3
        office.session("S-5", day + timedelta(days=1)),
        office.session("S-6", day + timedelta(days=1), at="10:00"),  # the room is taken by S-5
        office.session(
            "S-7", day + timedelta(days=1), room="Labo B", seats="3", **rest, language="nl"
        ),  # two pods are left
        office.session("S-8", day + timedelta(days=1), room="Labo B", seats="2", **rest, language="nl", at="09:30"),
        office.session("S-9", day + timedelta(days=4)),  # Saturday
        office.session("S-10", day + timedelta(days=2), seats="9"),
        office.session("S-11", day + timedelta(days=2), at="15:00"),
        office.session("S-12", day + timedelta(days=3), evaluators=""),  # cannot open
    )


@pytest.mark.parametrize("write", [False, True])
async def test_sessions_in_sets_are_judged_as_one_by_one(
    office: Office, monkeypatch: pytest.MonkeyPatch, write: bool
) -> None:
    file = await _a_week(office)
    alone = structs.replace(steps.LISTS["sessions"], add_all=None)
    with monkeypatch.context() as patched:
        patched.setitem(steps.LISTS, "sessions", alone)
        expected = [_said(line) for line in await office.checked("sessions", file)]
    assert [said[0] for said in expected].count("new") == 8
    assert [said[1] for said in expected if said[0] == "refused"] == [
        [("at", "room-busy")], [("seats", "equipment-short")], [("day", "room-closed")], [("seats", "equipment-short")],
    ]  # fmt: skip
    async with office.running.db.transaction() as tx:
        await tx.execute("delete from service.imports")
    lines = await (office.take_over if write else office.checked)("sessions", file)
    assert [_said(line) for line in lines] == expected
    assert await office.count("select count(*) from scheduling.sessions") == (8 if write else 0)


def _said(line: Line) -> tuple[object, ...]:
    return line.verdict, codes(line), [finding.about for finding in line.findings]


async def test_what_a_set_writes_is_what_one_by_one_writes(office: Office) -> None:
    """Equipment, jury, opening and the news of each."""
    day = office.stage.morning.date()
    week = [office.session(f"S-{n}", day + timedelta(days=n)) for n in range(3)]
    assert verdicts(await office.take_over("sessions", as_csv(SESSIONS, *week))) == ["new"] * 3
    async with office.running.db.read() as tx:
        rows = await tx.fetch(
            """select x.reference, s.opened_at is not null as is_open,
                      (select count(*) from scheduling.equipment_reservations q
                       where q.session_id = s.id and q.during = s.occupied) as pods,
                      (select count(*) from scheduling.jury_seats j
                       where j.session_id = s.id and j.during = s.occupied) as jury,
                      array(select o.topic from service.outbox o where o.aggregate = s.id order by o.id) as news
               from scheduling.sessions s join service.external_references x on x.subject_id = s.id order by 1"""
        )
    told = [*["jury_seat.given"] * 3, "session.opened"]
    assert [tuple(row) for row in rows] == [(f"S-{n}", True, 2, 3, told) for n in range(3)]


async def test_a_jury_that_moves_makes_room_for_a_new_session_below_it(office: Office) -> None:
    """New lines come in their turn: not before a line above them that frees what they need."""
    day = office.stage.morning.date()
    await office.take_over("sessions", as_csv(SESSIONS, office.session("S-1", day)))
    later = office.session("S-1", day + timedelta(days=1))
    lines = await office.take_over("sessions", as_csv(SESSIONS, later, office.session("S-2", day)))
    assert [(line.verdict, codes(line)) for line in lines] == [("changed", []), ("new", [])]


async def test_an_evaluator_freed_above_sits_below(office: Office) -> None:
    """One file takes somebody out of a jury and seats them in a new one at the same hour."""
    day, stage = office.stage.morning.date(), office.stage
    async with office.running.db.transaction() as tx:
        await tx.execute("update scheduling.rooms set name = 'Labo B' where id = $1", await stage.another_room(tx))
    rest = {"observers": "", "manager": "", "open": "no"}
    await office.take_over("sessions", as_csv(SESSIONS, office.session("S-1", day, **rest)))
    async with office.running.db.transaction() as tx:
        colleague = await stage.assessor(tx, "evaluator", of_centre=True)
        mail = await tx.fetchval("select email from assessments.assessors where id = $1", colleague)
    first = office.session("S-1", day, **{**rest, "evaluators": mail})
    lines = await office.take_over(
        "sessions", as_csv(SESSIONS, first, office.session("S-2", day, room="Labo B", **rest))
    )
    assert [(line.verdict, codes(line)) for line in lines] == [("changed", []), ("new", [])]


async def test_a_room_that_is_refused_keeps_no_other_out(office: Office) -> None:
    """The name of a room of another centre's site is nobody's business; a workplace too many is."""
    file = as_csv(
        ROOMS,
        ("R-1", "Auderghem", "Salle 1", "cisco-lab", "6", "yes", "1-5 08:00-17:00"),
        ("R-2", "Auderghem", "Salle 2", "cisco-lab", "0", "yes", ""),
        ("R-3", "Auderghem", "Salle 3", "cisco-lab", "6", "", "6 09:00-12:00; 6 13:00-17:00"),
    )
    lines = await office.take_over("rooms", file)
    assert verdicts(lines) == ["new", "refused", "new"]
    assert await office.count("select count(*) from scheduling.opening_hours o join scheduling.rooms r on r.id = o.room_id"
                              " where r.name like 'Salle%'") == 7  # fmt: skip
    assert verdicts(await office.checked("rooms", file)) == ["unchanged", "refused", "unchanged"]
