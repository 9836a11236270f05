"""Deliberations: the grid proposes, the jury decides, and motivates where it departs from the proposal."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from assessments import recordings, standards
from assessments.agreement import Agreement, of_grid
from assessments.marking import Outcome, Proposal, Proposed, agreed, propose
from assessments.refusals import (
    AlreadyDeliberated,
    DeliberationTooEarly,
    MotivationMissing,
    NoJuryInScheme,
    NotFound,
    OutcomeOutvoted,
)


class Votes(Struct, frozen=True, forbid_unknown_fields=True):
    evaluator: Outcome
    observer: Outcome
    manager: Outcome

    def carry(self) -> Outcome:
        """The outcome that at least two of the three votes are for."""
        return "pass" if (self.evaluator, self.observer, self.manager).count("pass") >= 2 else "fail"


class Reading(Struct, frozen=True):
    """What the grid proposes, and how far evaluator and observer agree beyond chance."""

    proposal: Proposal
    agreement: Agreement


class Deliberation(Struct, frozen=True):
    id: UUID
    booking_id: UUID
    proposal: Proposed
    votes: Votes
    outcome: Outcome
    motivation: str
    deliberated_at: datetime
    recorded_by: UUID


async def record(
    tx: asyncpg.Connection,
    booking_id: UUID,
    *,
    votes: Votes,
    outcome: Outcome,
    motivation: str = "",
    by: UUID,
    now: datetime,
) -> UUID:
    """Record what the jury decided, beside the proposal, which is computed here from the submitted ratings.

    Refuses NotFound, NoJuryInScheme, DeliberationTooEarly, AlreadyDeliberated, OutcomeOutvoted (the outcome is the one
    of most votes), MotivationMissing (the outcome is not the proposal, or the grid could not decide), TestAnnulled and
    JuryKnowsCandidate (a tie that bars a member of the jury came on record since they were given their seat).
    """
    await _hold(tx, booking_id)
    proposal = await proposed(tx, booking_id)
    if outcome != votes.carry():
        raise OutcomeOutvoted
    if outcome != proposal.outcome and not motivation.strip():
        raise MotivationMissing
    return await tx.fetchval(  # type: ignore[no-any-return]
        """with deliberated as (
               insert into assessments.deliberations (booking_id, proposal, evaluator_vote, observer_vote,
                   manager_vote, outcome, motivation, deliberated_at, recorded_by)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id, booking_id),
           news as (
               insert into service.outbox (topic, aggregate, payload, occurred_at)
               select 'deliberation.recorded', booking_id, jsonb_build_object('deliberation_id', id), $8
               from deliberated)
           select id from deliberated""",
        booking_id,
        proposal.outcome,
        votes.evaluator,
        votes.observer,
        votes.manager,
        outcome,
        motivation,
        now,
        by,
    )


async def _hold(tx: asyncpg.Connection, booking_id: UUID) -> None:
    """While the booking is locked no recording can be begun: what the proposal rests on is all there is."""
    await tx.execute("select from scheduling.bookings where id = $1 for no key update", booking_id)
    booking = await tx.fetchrow(
        """select s.decision_profile, exists (
                      select from assessments.deliberations d where d.booking_id = b.id) as deliberated
           from scheduling.bookings b
           join assessments.units u on u.id = b.unit_id
           join assessments.trades t on t.id = u.trade_id
           join assessments.schemes s on s.code = t.scheme
           where b.id = $1""",
        booking_id,
    )
    if booking is None:
        raise NotFound
    if booking["decision_profile"] == "none":
        raise NoJuryInScheme
    if booking["deliberated"]:
        raise AlreadyDeliberated


async def proposed(tx: asyncpg.Connection, booking_id: UUID) -> Proposal:
    """What the grid proposes to the jury, and where evaluator and observer differ.

    Refuses DeliberationTooEarly before both have submitted: until then nobody sees what another wrote.
    """
    found = await reading(tx, booking_id)
    if found is None:
        raise DeliberationTooEarly
    return found.proposal


async def reading(tx: asyncpg.Connection, booking_id: UUID) -> Reading | None:
    """What the submitted grids of one candidate say together; None until evaluator and observer have submitted."""
    recorded = await recordings.of_booking(tx, booking_id)
    if not recordings.unsealed(recorded):
        return None
    grid = (await standards.of_booking(tx, booking_id)).content.grid
    evaluator = agreed(one.ratings for one in recorded if one.role == "evaluator")
    observer = agreed(one.ratings for one in recorded if one.role == "observer")
    return Reading(propose(grid, evaluator, observer), of_grid(grid, evaluator, observer))


async def jury_is_tied(tx: asyncpg.Connection, booking_id: UUID) -> bool:
    """Whether a tie on record bars somebody of the jury from judging this candidate."""
    return bool(await tx.fetchval("select assessments.jury_is_tied($1)", booking_id))


async def of_booking(tx: asyncpg.Connection, booking_id: UUID) -> Deliberation:
    """Refuses NotFound."""
    row = await tx.fetchrow(
        """select id, booking_id, proposal, evaluator_vote, observer_vote, manager_vote, outcome, motivation,
                  deliberated_at, recorded_by
           from assessments.deliberations where booking_id = $1""",
        booking_id,
    )
    if row is None:
        raise NotFound
    return Deliberation(
        id=row["id"],
        booking_id=row["booking_id"],
        proposal=row["proposal"],
        votes=Votes(row["evaluator_vote"], row["observer_vote"], row["manager_vote"]),
        outcome=row["outcome"],
        motivation=row["motivation"],
        deliberated_at=row["deliberated_at"],
        recorded_by=row["recorded_by"],
    )


async def wipe(tx: asyncpg.Connection, candidate_id: UUID) -> None:
    """Of an erased candidate: votes and outcome stay, the words of the motivation go."""
    await tx.execute(
        """update assessments.deliberations d set motivation = '–'
           from scheduling.bookings b where b.id = d.booking_id and b.candidate_id = $1 and d.motivation <> ''""",
        candidate_id,
    )


async def forget(tx: asyncpg.Connection, *, before: datetime, most: int) -> int:
    """Wipe the motivation of up to `most` deliberations on tests that were over before; votes and outcome stay."""
    status = await tx.execute(
        """update assessments.deliberations set motivation = '–' where id in (
               select d.id from assessments.deliberations d
               where d.motivation not in ('', '–') and d.deliberated_at < $1
                 and assessments.over_since(d.booking_id) < $1 limit $2)""",
        before,
        most,
    )
    return int(status.rsplit(" ", 1)[1])
