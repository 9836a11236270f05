"""Erasure, record by record of what a jury, an appeal or a complaint leaves: the words about a person go, what counts stays."""

from datetime import timedelta

import asyncpg
import pytest

from assessments import appeals
from service import check, erasures
from tests.builders.outcomes import World, a_world, react
from tests.builders.privacy import everything

Tx = asyncpg.Connection
WORD = "Zwartkrijt"  # of nobody else
BOOKING = "(select id from scheduling.bookings where candidate_id = $1)"
DECISION = "(select id from assessments.decisions where candidate_id = $1)"

# One row of each kind, with the word in it; and how many rows of its table the candidate has afterwards.
RECORDS = {
    "recordings": (
        f"update assessments.recordings set remarks = '{WORD}' where booking_id = {BOOKING} and role = 'evaluator'", 2,
    ),
    "ratings": (
        f"""update assessments.ratings set reason = '{WORD}' where recording_id in (
                select id from assessments.recordings where booking_id = {BOOKING})""", None,
    ),
    "entries": (
        f"""insert into assessments.entries (id, booking_id, assessor_id, role, kind, said, reason, motive, at, received_at)
            select gen_random_uuid(), booking_id, assessor_id, role, 'note', '{{"text": "{WORD}"}}', '{WORD}', '{WORD}',
                   now(), now() from assessments.recordings where booking_id = {BOOKING}""", None,
    ),
    "photos": (
        f"""insert into assessments.photos (id, booking_id, assessor_id, sha256, image, received_at)
            select gen_random_uuid(), booking_id, assessor_id, encode(sha256('p'), 'hex'), '{WORD}', now()
            from assessments.recordings where booking_id = {BOOKING}""", 0,
    ),
    "deliberations": (f"update assessments.deliberations set motivation = '{WORD}' where booking_id = {BOOKING}", 1),
    "decisions": (
        f"""update assessments.decisions set substitution = '{WORD}', recorded_by = gen_random_uuid()
            where booking_id = {BOOKING}""", 1,
    ),
    "recognitions": (
        f"""insert into assessments.recognitions (booking_id, proposal, result, competences, motivation, decided_by, decided_at)
            select booking_id, 'competences', 'part-qualification', '{{}}', '{WORD}', taken_by, now()
            from assessments.decisions where id = {DECISION}""", 1,
    ),
    "recommendations": (
        f"""insert into assessments.recommendations (booking_id, position, training, recommended_at)
            select {BOOKING}, 1, '{WORD}', now()""", 0,
    ),
    "fees": (
        f"""insert into assessments.fees (booking_id, amount_cents, settled_as, reason, settled_at)
            select {BOOKING}, 100, 'waived', '{WORD}', now()""", 1,
    ),
    "appeals": (
        f"""insert into assessments.appeals (decision_id, grounds, lodged_at, due_on, ruled_at, answered_at, outcome, motivation)
            select {DECISION}, '{WORD}', now(), '2026-10-01', now(), now(), 'settled', '{WORD}'""", None,
    ),
    "mediations": (
        f"""with ended as (
                insert into assessments.appeals (decision_id, grounds, lodged_at, due_on, ruled_at, answered_at, outcome,
                                                 motivation)
                select {DECISION}, '–', now(), '2026-10-01', now(), now(), 'settled', '–' returning id),
            panel as (
                insert into assessments.appeal_reviewers (appeal_id, assessor_id, appointed_at)
                select ended.id, p.id, now() from ended, (select id from assessments.assessors limit 1) p
                returning appeal_id, assessor_id)
            insert into assessments.mediations (appeal_id, led_by, meets_at, minutes, place, planned_at, changed_at, held_at,
                                                result, note)
            select appeal_id, assessor_id, now(), 60, 'Atelier', now(), now(), now(), 'agreed', '{WORD}' from panel""", None,
    ),
    "complaints": (
        f"""insert into assessments.complaints (candidate_id, centre_id, about, complaint, lodged_at, take_up_by, due_on,
                taken_up_at, answered_at, finding, answer)
            select $1, c.id, 'facility', '{WORD}', now(), '2026-09-08', '2026-09-29', now(), now(), 'founded', '{WORD}'
            from scheduling.centres c limit 1""", 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("table", RECORDS)
async def test_the_words_of_each_record_go(tx: Tx, now: object, table: str) -> None:
    world: World = await a_world(tx, now)  # type: ignore[arg-type]
    candidate = world.passed.candidate
    sql, left = RECORDS[table]
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(sql, candidate)
    await tx.execute("set local session_replication_role = origin")
    assert WORD in (before := await everything(tx)) or WORD.encode().hex() in before
    await erasures.carry_out(tx, candidate, by=None, now=world.now + timedelta(days=40))
    after = await everything(tx)
    assert WORD not in after
    assert WORD.encode().hex() not in after
    if left is not None:
        about = "candidate_id = $1" if table in ("decisions", "complaints") else f"booking_id = {BOOKING}"
        assert await tx.fetchval(f"select count(*) from assessments.{table} where {about}", candidate) == left


async def test_every_decision_and_vote_outlives_the_candidate(tx: Tx, now: object) -> None:
    world: World = await a_world(tx, now)  # type: ignore[arg-type]
    await appeals.answer(tx, world.appeal, "rejected", "Vu", reviewer_id=world.reviewer, now=world.now)
    facts = """select d.outcome, d.taken_at, v.evaluator_vote, v.observer_vote, v.manager_vote, r.digest, g.indicator, g.rating
               from assessments.decisions d join assessments.deliberations v on v.id = d.deliberation_id
               join assessments.recordings r on r.booking_id = d.booking_id
               join assessments.ratings g on g.recording_id = r.id order by d.taken_at, r.digest, g.indicator"""
    before = await tx.fetch(facts)
    for sitting in (world.passed, world.failed):
        await erasures.carry_out(tx, sitting.candidate, by=None, now=world.now)
    assert await tx.fetch(facts) == before
    await react(tx)
    assert [found.rule for found in await check.audit(tx, now=world.now) if found.violations] == []
