"""What was noted on the day by mistake: what stands against taking it back, in words for the centre."""

from datetime import datetime
from uuid import UUID

import asyncpg

from assessments.enrolment_refusals import EnrolmentWithdrawn
from scheduling import attendance_refusals, refusals
from service.db import BY_CONSTRAINT
from service.i18n import N_

# The refusals' own sentences are for the candidate.
KEPT: dict[type[Exception], str] = {
    attendance_refusals.AttendanceInUse: N_(
        "A grid was begun, or an excuse was answered. A grid that was begun by mistake is removed by its assessor first."
    ),
    refusals.UnitAlreadyBooked: N_(
        "This person has another place for this test by now, holds one, or is offered one. They give that one back first."
    ),
    refusals.CandidateBusy: N_("This person has something else at that time by now."),
    refusals.SessionFull: N_("Somebody else has the place by now, and no other one is free."),
    refusals.CandidateErased: N_("This person has asked to be forgotten."),
    refusals.TitreAlreadyHeld: N_("This person holds the certificate of this unit by now."),
    refusals.AssessorKnowsCandidate: N_("Somebody on the jury knows this person."),
    refusals.RoomNotAccessible: N_("This person needs a room without steps, and the test is in another one by now."),
    EnrolmentWithdrawn: N_("This person has withdrawn from this unit."),
}
OTHERWISE = N_("Something follows from it already.")
NOT_NOW = N_("This cannot be taken back now.")


async def kept(tx: asyncpg.Connection, session_id: UUID, *, now: datetime) -> dict[UUID, str]:
    """Whose absence, turning away or identity check can be taken back no more, by booking, with the sentence that says
    why."""
    rows = await tx.fetch("select k.booking_id, k.rule from scheduling.kept_as_noted($1, $2) k", session_id, now)
    return {row["booking_id"]: KEPT.get(BY_CONSTRAINT[row["rule"]], OTHERWISE) for row in rows}
