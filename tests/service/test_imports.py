"""Lists from files: read whoever wrote them, judged by the rules of the verbs, written when that is ordered."""

from datetime import date, datetime, timedelta

from service import imports
from tests.builders.lists import (
    PEOPLE,
    SESSIONS,
    as_csv,
    codes,
    lines_of,
    ordered,
    verdicts,
)
from tests.builders.office import NOOR, SAM, Office
from tests.builders.stage import a_stage


async def test_nothing_is_written_before_it_is_ordered(office: Office) -> None:
    import_id = await office.ask("candidates", as_csv(PEOPLE, NOOR, SAM))
    assert verdicts(await lines_of(office.running, import_id)) == ["new", "new"]
    assert await office.count("select count(*) from assessments.candidates") == 0
    assert await office.count("select count(*) from service.outbox") == 0
    await ordered(office.running, import_id, office.manager)
    assert await office.count("select count(*) from assessments.candidates") == 2
    assert await office.count("select count(*) from service.accounts where role = 'candidate'") == 2


async def test_the_corrected_file_changes_only_what_changed(office: Office) -> None:
    await office.take_over("candidates", as_csv(PEOPLE, NOOR, SAM))
    married = (*NOOR[:3], "Peeters-Diallo", *NOOR[4:])
    lines = await office.checked("candidates", as_csv(PEOPLE, married, SAM))
    assert verdicts(lines) == ["changed", "unchanged"]
    assert lines[0].changes == {"family_name": ("Peeters", "Peeters-Diallo")}
    again = await office.take_over("candidates", as_csv(PEOPLE, married, SAM))
    assert [line.written_at is not None for line in again] == [True, False]
    assert verdicts(await office.checked("candidates", as_csv(PEOPLE, married, SAM))) == ["unchanged", "unchanged"]


async def test_a_session_is_judged_by_the_rules_that_judge_its_planning(office: Office) -> None:
    day = office.stage.morning.date()
    saturday = day + timedelta(days=4)
    file = as_csv(
        SESSIONS,
        office.session("S-1", day),
        office.session("S-2", day, at="10:00"),
        office.session("S-3", day + timedelta(days=1), seats="9"),
        office.session("S-4", saturday),
        office.session("S-5", day + timedelta(days=2), evaluators="nobody@example.org", room="labo cisco"),
        office.session("S-6", day + timedelta(days=3), language="xx", room="Cave", unit="ZZZZ-9"),
        office.session("S-7", date(2029, 3, 1)),
    )
    lines = await office.checked("sessions", file)
    assert [(line.verdict, codes(line)) for line in lines] == [
        ("new", []),
        ("refused", [("at", "room-busy")]),
        ("refused", [("seats", "equipment-short")]),
        ("refused", [("day", "room-closed")]),
        # Without an evaluator it cannot open: both are said, and the draft is made all the same.
        ("new", [("evaluators", "unknown_assessor"), ("open", "seats-exceed-capacity")]),
        ("refused", [("language", "not_among")]),
        ("new", [("evaluators", "assessor-unqualified"), ("observers", "assessor-unqualified"),
                 ("open", "accreditation-missing")]),
    ]  # fmt: skip
    assert not lines[4].findings[0].blocking
    assert await office.count("select count(*) from scheduling.sessions") == 0


async def test_a_moved_session_takes_its_people_along(office: Office) -> None:
    day = office.stage.morning.date()
    await office.take_over(
        "sessions", as_csv(SESSIONS, office.session("S-1", day), office.session("S-2", day, at="15:00"))
    )
    later = office.session("S-1", day + timedelta(days=1), seats="3")
    lines = await office.take_over("sessions", as_csv(SESSIONS, later, office.session("S-2", day, at="15:00")))
    assert verdicts(lines) == ["changed", "unchanged"]
    assert lines[0].changes == {"day": ("2026-09-15", "2026-09-16"), "seats": ("2", "3")}
    assert (
        await office.count(
            "select count(*) from scheduling.jury_seats where during @> '2026-09-16 08:00Z'::timestamptz"
        )
        == 3
    )


async def test_sessions_change_rooms_in_one_file(office: Office) -> None:
    """One by one each stands in the other's way; what goes only together is written together. A third that moves into the
    room that one of them leaves comes along, and one that nobody makes room for stays out."""
    day, stage = office.stage.morning.date(), office.stage
    async with office.running.db.transaction() as tx:
        for name in ("Labo B", "Labo C", "Labo D"):
            await tx.execute("update scheduling.rooms set name = $2 where id = $1", await stage.another_room(tx), name)
    nobody = {"evaluators": "", "observers": "", "manager": "", "open": "no", "seats": "1"}

    def sheet(**rooms: str) -> bytes:
        return as_csv(SESSIONS, *(office.session(name, day, room=room, **nobody) for name, room in rooms.items()))

    await office.take_over("sessions", sheet(S1="Labo CISCO", S2="Labo B", S3="Labo C", S4="Labo D"))
    ring = await office.take_over("sessions", sheet(S1="Labo B", S2="Labo C", S3="Labo CISCO"))
    assert verdicts(ring) == ["changed"] * 3
    assert all(line.written_at for line in ring)
    assert await office.count("select count(*) from scheduling.sessions where cancelled_at is null") == 4
    async with office.running.db.read() as tx:
        rows = await tx.fetch(
            """select r.name from scheduling.sessions s join scheduling.rooms r on r.id = s.room_id
               join service.external_references x on x.subject_id = s.id order by x.reference"""
        )
    assert [row["name"] for row in rows] == ["Labo B", "Labo C", "Labo CISCO", "Labo D"]
    swapped = await office.checked("sessions", sheet(S1="Labo C", S2="Labo B", S3="Labo D"))
    assert [(line.verdict, codes(line)) for line in swapped] == [
        ("changed", []), ("changed", []), ("refused", [("at", "room-busy")]),
    ]  # fmt: skip
    chain = await office.take_over("sessions", sheet(S1="Labo D", S4="Labo CISCO", S3="Labo E"))
    assert verdicts(chain) == ["refused", "refused", "refused"], "there is no such room to begin with"
    assert await office.count("select count(*) from service.outbox where topic = 'session.moved'") == 3


async def test_of_two_lines_about_one_thing_the_second_is_refused(office: Office) -> None:
    lines = await office.checked("candidates", as_csv(PEOPLE, NOOR, ("K-9", "NOOR@example.org", *NOOR[2:])))
    assert [codes(line) for line in lines] == [[], [("email", "twice")]]
    assert lines[1].findings[0].about == "2"


async def test_a_person_whom_the_centre_does_not_know_stays_unknown_to_it(office: Office, now: datetime) -> None:
    async with office.running.db.transaction() as tx:
        await office.stage.candidate(tx)
        stranger = await tx.fetchval("select email from assessments.candidates")
        there = await a_stage(tx, now)
        await tx.execute("update assessments.assessors set email = 'boss@example.org' where id = $1", there.evaluator)
    lines = await office.checked("candidates", as_csv(PEOPLE, ("", stranger, *SAM[2:])))
    assert [codes(line) for line in lines] == [[("email", "known_elsewhere")]]
    assert lines[0].changes == {}
    assert lines[0].subject_id is None
    heading = ("email", "given_name", "family_name", "languages")
    lines = await office.checked("assessors", as_csv(heading, ("boss@example.org", "A", "B", "fr")))
    assert codes(lines[0]) == [("email", "known_elsewhere")]


async def test_assessors_and_rooms(office: Office) -> None:
    heading = ("reference", "E-mail", "Prénom", "Nom", "languages", "of_centre", "evaluator_for", "qualified_from")
    trade = office.unit.split("-")[0]
    row = ("A-1", "samir@example.org", "Samir", "Ouhadi", "fr, nl", "oui", trade, "2026-01-01")
    heading = tuple("email" if name == "E-mail" else name for name in heading)
    assert verdicts(await office.take_over("assessors", as_csv(heading, row))) == ["new"]
    assert verdicts(await office.checked("assessors", as_csv(heading, row))) == ["unchanged"]
    wrong = (*row[:6], "ZZZZ", row[7])
    assert codes((await office.checked("assessors", as_csv(heading, wrong)))[0]) == [("evaluator_for", "unknown_trade")]
    rooms = ("site", "name", "kind", "stations", "accessible", "opening_hours")
    await office.take_over(
        "sessions", as_csv(SESSIONS, office.session("S-1", office.stage.morning.date(), evaluators="samir@example.org"))
    )
    lines = await office.checked("assessors", as_csv(heading, (*row[:5], "Non", f"{trade}; zzzz", row[7])))
    said = [(finding.column, finding.value) for finding in lines[0].findings]
    assert said == [("evaluator_for", "zzzz"), ("of_centre", "Non")], "in the words of the file"
    lines = await office.take_over(
        "rooms",
        as_csv(
            rooms,
            ("Auderghem", "Labo 2", "cisco-lab", "4", "yes", "1-5 08:00-17:00"),
            ("Auderghem", "Labo CISCO", "cisco-lab", "1", "yes", "1-5 08:00-21:00"),
            ("Ailleurs", "Labo 3", "cisco-lab", "4", "yes", ""),
            ("Auderghem", "Labo CISCO", "workshop", "8", "yes", ""),
        ),
    )
    assert [codes(line) for line in lines] == [
        [], [("stations", "seats-exceed-capacity")], [("site", "unknown_site")], [("name", "twice")]
    ]  # fmt: skip


async def test_what_changed_since_the_check_is_not_overwritten(office: Office) -> None:
    await office.take_over("candidates", as_csv(PEOPLE, NOOR))
    import_id = await office.ask("candidates", as_csv(PEOPLE, (*NOOR[:3], "Diallo", *NOOR[4:])))
    async with office.running.db.transaction() as tx:
        await tx.execute("update assessments.candidates set family_name = 'Janssens'")
    await ordered(office.running, import_id, office.manager)
    line = (await lines_of(office.running, import_id))[0]
    assert (line.verdict, codes(line)) == ("refused", [("", "changed_meanwhile")])
    assert await office.count("select count(*) from assessments.candidates where family_name = 'Janssens'") == 1


async def test_what_is_written_says_who_ordered_it(office: Office) -> None:
    await office.take_over("candidates", as_csv(PEOPLE, NOOR))
    sql = f"""select count(*) from service.audit
              where action = 'candidate.added' and actor = '{office.manager.id}' and role = 'manager'"""
    assert await office.count(sql) == 1


async def test_the_same_file_is_checked_anew_once_what_it_lacked_is_there(office: Office) -> None:
    """Not the report of before, and no second import of one file."""
    file = as_csv(SESSIONS, office.session("S-1", office.stage.morning.date(), room="Cave"))
    before = await office.ask("sessions", file)
    assert codes((await lines_of(office.running, before))[0]) == [("room", "unknown_room")]
    room = ("reference", "site", "name", "kind", "stations"), ("R-9", "Auderghem", "Cave", "workshop", "6")
    await office.take_over("rooms", as_csv(*room))
    assert await office.ask("sessions", file) == before
    assert ("room", "unknown_room") not in codes((await lines_of(office.running, before))[0])


async def test_a_column_that_the_list_does_not_know_is_named(office: Office) -> None:
    import_id = await office.ask("candidates", as_csv((*PEOPLE, "GSM"), (*NOOR, "+32 470 12 34 56"), (*SAM, "")))
    async with office.running.db.read() as tx:
        assert (await imports.get(tx, import_id)).passed_over == ["GSM"]
    assert verdicts(await lines_of(office.running, import_id)) == ["new", "new"]
