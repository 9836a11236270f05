"""The audit trail: what a change leaves behind, in its transaction; what it keeps of people; what the person can read."""

from datetime import datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from assessments import complaints
from scheduling import bookings
from service import accounts, audit
from service.accounts import Account
from service.db import APPLICATION
from tests.builders.outcomes import World, a_world
from tests.builders.stage import Stage, a_stage

Tx = asyncpg.Connection


@pytest.fixture
async def stage(tx: Tx, now: datetime) -> Stage:
    return await a_stage(tx, now)


async def trail(tx: Tx, since: int = 0) -> list[asyncpg.Record]:
    return await tx.fetch("select * from service.audit where id > $1 order by id", since)


async def newest(tx: Tx) -> int:
    return await tx.fetchval("select coalesce(max(id), 0) from service.audit")  # type: ignore[no-any-return]


async def a_manager(tx: Tx, centre_id: UUID, now: datetime) -> Account:
    account = await accounts.register(
        tx, email="manager@example.org", role="manager", language="fr", centre_id=centre_id, now=now
    )
    return await accounts.get(tx, account)


async def test_a_booking_leaves_one_entry_that_says_who_and_in_which_centre(
    tx: Tx, stage: Stage, now: datetime
) -> None:
    session, candidate = await stage.open(tx), await stage.candidate(tx)
    actor, before = uuid4(), await newest(tx)
    await tx.execute("select service.acting($1, 'candidate')", actor)
    booking = await bookings.book(tx, session, candidate, by=actor, now=now)
    (entry,) = await trail(tx, before)
    assert (entry["actor"], entry["role"], entry["action"]) == (actor, "candidate", "booking.added")
    assert (entry["centre_id"], entry["candidate_id"]) == (stage.centre, candidate)
    assert (entry["subject"], entry["subject_id"]) == ("scheduling.bookings", booking)
    assert entry["changes"]["session_id"] == [None, str(session)]


async def test_the_moment_that_was_set_names_what_happened(tx: Tx, stage: Stage, now: datetime) -> None:
    _, booking = await stage.booked(tx)
    before = await newest(tx)
    await bookings.release_seat(tx, booking, "excused", by=None, now=now)
    (entry,) = await trail(tx, before)
    assert entry["action"] == "booking.released"
    assert (entry["actor"], entry["role"]) == (None, None)  # nobody said who: the house
    assert entry["changes"]["release"] == [None, "excused"]
    assert datetime.fromisoformat(entry["changes"]["released_at"][1]) == now


async def test_a_change_of_what_names_no_booking_still_concerns_its_person(tx: Tx, stage: Stage, now: datetime) -> None:
    candidate = await stage.candidate(tx)
    complaint = await complaints.lodge(tx, candidate, stage.centre, "facility", "Trop froid.", now=now)
    before = await newest(tx)
    await complaints.withdraw(tx, complaint, now=now)
    (entry,) = await trail(tx, before)
    assert (entry["action"], entry["centre_id"], entry["candidate_id"]) == (
        "complaint.withdrawn", stage.centre, candidate,
    )  # fmt: skip


async def test_who_acts_is_forgotten_when_the_transaction_ends(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.execute("select service.acting($1, 'manager')", uuid4())
    await connection.execute("""insert into assessments.assessors (given_name, family_name, email, languages, registered_at)
                                values ('Ahmed', 'Lambert', 'ahmed@example.org', '{fr}', now())""")
    entry = await connection.fetchrow("select actor, role from service.audit")
    assert entry is not None
    assert tuple(entry) == (None, None)
    await connection.close()


async def test_what_is_undone_was_never_written(tx: Tx, stage: Stage) -> None:
    before = await newest(tx)
    undone = tx.transaction()
    await undone.start()
    await stage.candidate(tx)
    await undone.rollback()
    assert await trail(tx, before) == []


async def test_an_update_that_changes_nothing_and_the_counter_of_seats_leave_nothing(tx: Tx, stage: Stage) -> None:
    session = await stage.open(tx)
    before = await newest(tx)
    await tx.execute("update scheduling.sessions set taken = taken + 1 where id = $1", session)
    await tx.execute("update scheduling.sessions set seats = seats where id = $1", session)
    assert await trail(tx, before) == []


async def test_of_sessions_every_column_is_watched_that_does_not_follow_from_others(tx: Tx) -> None:
    """They are listed, so that the counter costs nothing: whoever adds a column is reminded here."""
    rows = await tx.fetch(
        """select c.attname as name, c.attnum = any (t.tgattr::int2[]) as watched from pg_trigger t
           join pg_attribute c on c.attrelid = t.tgrelid and c.attnum > 0 and not c.attisdropped
           where t.tgrelid = 'scheduling.sessions'::regclass and t.tgname = 'audit'"""
    )
    follow = {"id", "taken", "extra_minutes", "occupied", "sequence", "changed_at"}
    assert {row["name"] for row in rows if not row["watched"]} == follow


async def test_of_personal_columns_only_the_name_is_kept(tx: Tx, stage: Stage) -> None:
    candidate = await stage.candidate(tx)
    before = await newest(tx)
    await tx.execute(
        "update assessments.candidates set family_name = 'Janssens', phone = '0470 00 00 00' where id = $1", candidate
    )
    (entry,) = await trail(tx, before)
    assert (entry["action"], entry["candidate_id"]) == ("candidate.changed", candidate)
    assert entry["changes"] == {"family_name": [], "phone": []}


async def test_a_whole_journey_names_nobody_and_tells_no_result(tx: Tx, now: datetime) -> None:
    world = await a_world(tx, now)
    entries = await trail(tx)
    said = " ".join(str(dict(entry)) for entry in entries)
    for word in ("Noor", "Peeters", "Lambert", "example.org", "1990-", "'pass'", "'fail'", "Vu par le jury", "support"):
        assert word not in said
    about = {entry["action"] for entry in entries if entry["candidate_id"] == world.failed.candidate}
    assert about == {
        "candidate.added", "booking.added", "booking.checked_in", "booking.attended", "booking.closed",
        "booking.contract_signed", "recording.submitted", "deliberation.added", "decision.added", "decision.released",
        "appeal.added", "appeal.ruled", "appeal_reviewer.added",
    }  # fmt: skip
    assert {entry["centre_id"] for entry in entries if entry["action"].startswith(("decision", "appeal"))} == {
        world.passed.centre,
        world.failed.centre,
    }


async def test_a_recording_is_its_authors_draft_until_it_is_submitted(tx: Tx, now: datetime) -> None:
    world = await a_world(tx, now)
    submitted = [entry for entry in await trail(tx) if entry["action"].startswith("recording")]
    recordings = await tx.fetch("select id, digest from assessments.recordings order by submitted_at, id")
    assert {entry["subject_id"]: entry["changes"]["digest"][1] for entry in submitted} == {
        row["id"]: row["digest"] for row in recordings
    }
    before = await newest(tx)
    await tx.execute("alter table assessments.recordings disable trigger seal")
    await tx.execute(
        "update assessments.recordings set remarks = 'other' where booking_id = $1 and role = 'observer'",
        world.passed.booking,
    )
    (entry,) = await trail(tx, before)
    assert (entry["action"], entry["changes"]) == ("recording.changed", {"remarks": []})


async def test_what_concerns_people_and_centres_is_watched(tx: Tx, now: datetime) -> None:
    await a_world(tx, now)
    rows = await tx.fetch(
        """select distinct t.tgrelid::regclass::text as watched from pg_trigger t join pg_proc p on p.oid = t.tgfoid
           where p.proname = 'record_change'"""
    )
    watched = {row["watched"] for row in rows}
    noted = {entry["subject"] for entry in await trail(tx)}
    assert noted <= watched
    assert watched >= {
        "scheduling.sessions", "scheduling.jury_seats", "scheduling.bookings", "assessments.accreditations",
        "assessments.candidates", "assessments.assessors", "assessments.qualifications", "assessments.links",
        "assessments.enrolments", "assessments.accommodations", "assessments.recordings", "assessments.deliberations",
        "assessments.decisions", "assessments.profiles", "assessments.appeals", "assessments.appeal_reviewers",
        "certificates.register", "service.accounts",
    }  # fmt: skip
    assert len(noted) >= 14


async def test_what_was_removed_leaves_what_it_was(tx: Tx, now: datetime) -> None:
    world: World = await a_world(tx, now)
    before = await newest(tx)
    await tx.execute("delete from assessments.qualifications where assessor_id = $1", world.coming_observer)
    await tx.execute("delete from assessments.appeal_reviewers where appeal_id = $1", world.appeal)
    qualification, reviewer = await trail(tx, before)
    assert qualification["action"] == "qualification.removed"
    assert qualification["changes"]["assessor_id"] == [str(world.coming_observer), None]
    assert qualification["changes"]["role"] == ["observer", None]
    assert (reviewer["action"], reviewer["subject_id"]) == ("appeal_reviewer.removed", world.appeal)
    assert (reviewer["candidate_id"], reviewer["centre_id"]) == (world.failed.candidate, world.failed.centre)
    assert reviewer["changes"]["assessor_id"] == [str(world.reviewer), None]


async def test_the_trail_is_only_ever_added_to(tx: Tx, stage: Stage) -> None:
    await stage.candidate(tx)
    for forbidden in (
        "update service.audit set actor = gen_random_uuid()",
        "update service.audit set changes = '{}'",
        "update service.audit set salt = null, commitment = sha256(''), changes = null, subject_id = null,"
        " candidate_id = null, at = '2020-01-01'",
        "delete from service.audit",
        "truncate service.audit",
        "truncate service.audit_seals",
    ):
        with pytest.raises(asyncpg.CheckViolationError, match="only ever added to"):
            async with tx.transaction():
                await tx.execute(forbidden)


async def test_an_application_s_role_cannot_even_try(tx: Tx, stage: Stage) -> None:
    await stage.candidate(tx)
    await tx.execute(f"set local role {APPLICATION}")
    assert await tx.fetchval("select count(*) from service.audit") > 0
    await tx.execute("insert into service.audit (action, subject) values ('read.file', 'assessments.candidates')")
    for forbidden in (
        "update service.audit set at = now()",
        "delete from service.audit",
        "truncate service.audit_seals",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tx.transaction():
                await tx.execute(forbidden)


async def test_the_person_reads_when_what_and_who_by_role_and_centre(tx: Tx, stage: Stage, now: datetime) -> None:
    candidate, other = await stage.candidate(tx), await stage.candidate(tx)
    manager = await a_manager(tx, stage.centre, now)
    await audit.reads(tx, candidate, "file", by=manager)
    await audit.reads(tx, other, "file", by=manager)
    name = await tx.fetchval("select name from scheduling.centres where id = $1", stage.centre)
    read, added = await audit.of_person(tx, candidate)
    assert (read.action, read.role, read.centre) == ("read.file", "manager", name)
    assert (added.action, added.role, added.centre) == ("candidate.added", None, None)
    assert await audit.of_person(tx, candidate, before=read.id) == [added]
    assert await audit.of_person(tx, candidate, most=1) == [read]


async def test_reading_ones_own_file_needs_no_entry(tx: Tx, stage: Stage, now: datetime) -> None:
    candidate = await stage.candidate(tx)
    account = await accounts.register(
        tx, email="me@example.org", role="candidate", language="fr", candidate_id=candidate, now=now
    )
    before = await newest(tx)
    await audit.reads(tx, candidate, "file", by=await accounts.get(tx, account))
    assert await trail(tx, before) == []


async def test_erasure_blanks_whom_and_what_and_keeps_that_something_was_done(
    tx: Tx, stage: Stage, now: datetime
) -> None:
    candidate, other = await stage.candidate(tx), await stage.candidate(tx)
    manager = await a_manager(tx, stage.centre, now)
    await audit.reads(tx, candidate, "file", by=manager)
    leaves = {entry.id: audit.leaf(entry) for entry in await everything(tx)}
    assert await audit.erase(tx, candidate) == 2
    assert await audit.of_person(tx, candidate) == []
    assert len(await audit.of_person(tx, other)) == 1
    after = await everything(tx)
    assert str(candidate) not in str(after)
    assert {entry.id: audit.leaf(entry) for entry in after if entry.id in leaves} == leaves
    erased = [entry for entry in after if entry.erased]
    assert [(entry.action, entry.actor) for entry in erased] == [("candidate.added", None), ("read.file", manager.id)]
    assert await audit.erasures(tx) == {entry.id for entry in erased}
    assert await audit.erase(tx, candidate) == 0


async def everything(tx: Tx) -> list[audit.Entry]:
    return await audit.between(tx, audit.BEGINNING, audit.Place(2**62, 0))
