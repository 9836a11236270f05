"""For the worlds of the matrix: an appeal before its ruling and one before its panel, and a complaint."""

from datetime import datetime, timedelta
from uuid import UUID

from assessments import appeal_reviewers, appeals, complaints, mediations
from tests.builders.assessments import Tx

Things = dict[str, UUID | str]


async def appeal(tx: Tx, things: Things, decision: UUID, reviewer_id: UUID, *, ruled: bool, at: datetime) -> None:
    """Lodged; and with `ruled` admitted, before a panel of one, a mediation planned."""
    appeal_id = await appeals.lodge(tx, decision, "Je ne suis pas d’accord.", by=None, now=at)
    things["appeal_id"] = appeal_id
    if ruled:
        await appeals.admit(tx, appeal_id, by=None, now=at)
        await appeal_reviewers.appoint(tx, appeal_id, reviewer_id, now=at)
        meeting = mediations.Meeting(at + timedelta(days=60), 60, "Rue Royale 45", reviewer_id)
        await mediations.plan(tx, appeal_id, meeting, by=None, now=at)


async def complaint(tx: Tx, things: Things, candidate_id: UUID, centre_id: UUID, account: UUID, at: datetime) -> None:
    """About the building, and somebody looks into it."""
    said = "L’atelier était trop froid."
    complaint_id = await complaints.lodge(tx, candidate_id, centre_id, "facility", said, now=at)
    await complaints.take_up(tx, complaint_id, by=account, now=at)
    things["complaint_id"] = complaint_id
