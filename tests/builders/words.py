"""What a jury wrote about somebody, one row of each kind, as bare rows: how it came to be written is told elsewhere."""

from datetime import datetime

from tests.builders.assessments import Sitting, Tx

WORD = "Zwartkrijt"  # of nobody else


async def words_about(tx: Tx, sitting: Sitting, now: datetime) -> None:
    """Of a test that does not count, since now: remarks, a reason, a note, two motivations, a training."""
    await tx.execute("set local role none")
    await tx.execute("set local session_replication_role = replica")
    for row in (
        """with grid as (
               insert into assessments.recordings (booking_id, assessor_id, role, started_at, remarks, submitted_at, digest)
               values ($1, $2, 'evaluator', $3, $4, $3, encode(sha256('grid'), 'hex')) returning id)
           insert into assessments.ratings (recording_id, indicator, rating, reason, rated_at)
           select id, '1.1', 'not_observed', $4, $3 from grid""",
        """insert into assessments.entries (id, booking_id, assessor_id, role, kind, said, at, received_at)
           values (gen_random_uuid(), $1, $2, 'evaluator', 'incident', jsonb_build_object('text', $4::text), $3, $3)""",
        """insert into assessments.deliberations (booking_id, proposal, evaluator_vote, observer_vote, manager_vote, outcome,
                                                  motivation, deliberated_at, recorded_by)
           values ($1, 'pass', 'fail', 'fail', 'fail', 'fail', $4, $3, $2)""",
        """insert into assessments.recognitions (booking_id, proposal, result, competences, motivation, decided_by, decided_at)
           values ($1, 'competences', 'part-qualification', '{}', $4, $2, $3)""",
        """insert into assessments.recommendations (booking_id, position, training, recommended_at, recommended_by)
           values ($1, 1, $4, $3, $2)""",
        """insert into assessments.new_tests (booking_id, cause, granted_at, granted_by)
           select $1, 'conflict', $3, $2 where $4 <> ''""",
    ):
        await tx.execute(row, sitting.booking, sitting.evaluator, now, WORD)
    await tx.execute("set local session_replication_role = origin")
    await tx.execute("set local role preuve_application")
