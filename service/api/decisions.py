"""From the proposal to the released decision."""

from datetime import datetime
from uuid import UUID

from litestar import Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from assessments import decisions, deliberations, new_tests, recognitions
from assessments.agreement import Agreement
from assessments.marking import Outcome, Proposal
from assessments.outcome_refusals import (
    JuryKnowsCandidate,
    NoTieInJury,
    SessionUndecided,
    SessionUndeliberated,
    SubstituteNoManager,
    SubstituteUnneeded,
    SubstitutionUnmotivated,
)
from assessments.refusals import (
    AlreadyDecided,
    AlreadyDeliberated,
    DeciderExamined,
    DeciderKnowsCandidate,
    DecisionSuperseded,
    DeliberationTooEarly,
    LaxerProfile,
    MotivationMissing,
    NoJuryInScheme,
    NotDeliberated,
    OutcomeOutvoted,
)
from service import auth, outcome_reach, reach
from service.api.described import refusals
from service.api.fields import Remarks, Text
from service.provide import Db, Now
from service.refusals import PersonNeeded, StepUpNeeded

TAGS = ["decisions"]


class Verdict(Struct, frozen=True, forbid_unknown_fields=True):
    """The three votes, the outcome they carry, and the motivation where it departs from the proposal."""

    votes: deliberations.Votes
    outcome: Outcome
    motivation: Remarks = ""


class Taking(Struct, frozen=True, forbid_unknown_fields=True):
    """`profile`: a stricter one than the scheme's, or null for the scheme's own."""

    profile: decisions.Profile | None = None


class Substituting(Struct, frozen=True, forbid_unknown_fields=True):
    """`assessor_id`: a manager of another centre; `reason`: why nobody of the centre decides. Of an EVC also what is
    recognised, with its motivation."""

    assessor_id: UUID
    reason: Text
    result: recognitions.Result | None = None
    motivation: Remarks = ""


class Released(Struct, frozen=True):
    """What the candidate reads from now on."""

    id: UUID
    outcome: Outcome
    released_at: datetime | None


class Told(Struct, frozen=True):
    """How many candidates were told by it."""

    released: int


class Annulled(Struct, frozen=True):
    """Since when the test does not count."""

    granted_at: datetime | None


@get(
    "/bookings/{booking_id:uuid}/proposal",
    tags=TAGS,
    guards=[auth.may("decisions", "proposal")],
    responses=refusals(DeliberationTooEarly, codes=(401, 403, 404)),
)
async def proposal(booking_id: FromPath[UUID], me: auth.Me, db: Db) -> Proposal:
    """What the grid proposes and why, and where evaluator and observer differ; once both have submitted."""
    async with db.read() as tx:
        await reach.sees_booking(tx, me, booking_id)
        return await deliberations.proposed(tx, booking_id)


@post(
    "/bookings/{booking_id:uuid}/deliberation",
    tags=TAGS,
    guards=[auth.may("decisions", "deliberate")],
    responses=refusals(
        DeliberationTooEarly, AlreadyDeliberated, MotivationMissing, OutcomeOutvoted, NoJuryInScheme, JuryKnowsCandidate
    ),
)
async def deliberate(
    booking_id: FromPath[UUID], data: JSONBody[Verdict], me: auth.Me, db: Db, now: Now
) -> Response[deliberations.Deliberation]:
    """Record what the jury decided, beside what the grid proposed."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await deliberations.record(
            tx, booking_id, votes=data.votes, outcome=data.outcome, motivation=data.motivation, by=me.id, now=now
        )
        recorded = await deliberations.of_booking(tx, booking_id)
    return Response(recorded, status_code=201)


@post(
    "/bookings/{booking_id:uuid}/decision",
    tags=TAGS,
    guards=[auth.may("decisions", "decide"), auth.decides],
    responses=refusals(
        NotDeliberated, AlreadyDecided, DeciderExamined, DeciderKnowsCandidate, LaxerProfile, NoJuryInScheme
    ),
)
async def decide(
    booking_id: FromPath[UUID], data: JSONBody[Taking], me: auth.Me, db: Db, now: Now
) -> Response[decisions.Decision]:
    """Take the certification decision: what the jury said, by somebody who did not examine."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        own = auth.own(me.assessor_id)
        decision_id = await decisions.take(tx, booking_id, taken_by=own, profile=data.profile, now=now)
        taken = await decisions.get(tx, decision_id)
    return Response(taken, status_code=201)


@post(
    "/bookings/{booking_id:uuid}/substitution",
    tags=TAGS,
    guards=[auth.may("decisions", "substitute")],
    responses=refusals(
        NotDeliberated, AlreadyDecided, DeciderExamined, DeciderKnowsCandidate, NoJuryInScheme, SubstituteUnneeded,
        SubstituteNoManager, SubstitutionUnmotivated, PersonNeeded, StepUpNeeded,
    ),
)  # fmt: skip
async def substitute(
    booking_id: FromPath[UUID], data: JSONBody[Substituting], me: auth.Me, db: Db, now: Now
) -> Response[decisions.Decision]:
    """Record what a substitute decided where no manager of the centre may. Asks for a fresh sign-in."""
    why = decisions.Substitution(data.reason, me.id)
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        if data.result is None:
            taken = await decisions.take(tx, booking_id, taken_by=data.assessor_id, now=now, substitution=why)
        else:
            taken = await recognitions.decide(
                tx, booking_id, data.result, motivation=data.motivation, by=data.assessor_id, now=now, substitution=why
            )
        decision = await decisions.get(tx, taken)
    return Response(decision, status_code=201)


@put(
    "/decisions/{decision_id:uuid}/release",
    tags=TAGS,
    guards=[auth.may("decisions", "release")],
    responses=refusals(DecisionSuperseded, SessionUndeliberated, PersonNeeded, StepUpNeeded, codes=(401, 403, 404)),
)
async def release(decision_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Released:
    """Tell the candidate; a pass brings the certificate. Twice is once. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await outcome_reach.runs_decision(tx, me, decision_id)
        await decisions.release(tx, decision_id, by=me.id, now=now)
        decision = await decisions.get(tx, decision_id)
    return Released(decision.id, decision.outcome, decision.released_at)


@get(
    "/bookings/{booking_id:uuid}/agreement",
    tags=TAGS,
    guards=[auth.may("decisions", "proposal")],
    responses=refusals(DeliberationTooEarly, codes=(401, 403, 404)),
)
async def agreement(booking_id: FromPath[UUID], me: auth.Me, db: Db) -> Agreement:
    """How far evaluator and observer agree beyond chance (Cohen's kappa), or why that says nothing here."""
    async with db.read() as tx:
        await reach.sees_booking(tx, me, booking_id)
        found = await deliberations.reading(tx, booking_id)
    if found is None:
        raise DeliberationTooEarly
    return found.agreement


@put(
    "/sessions/{session_id:uuid}/release",
    tags=TAGS,
    guards=[auth.may("decisions", "release")],
    responses=refusals(SessionUndecided, PersonNeeded, StepUpNeeded, codes=(401, 403, 404)),
)
async def release_session(session_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Told:
    """Tell everybody who attended, in one step, once all are decided. Twice is once. Asks for a fresh sign-in."""
    async with db.transaction() as tx:
        await reach.runs_session(tx, me, session_id)
        return Told(await decisions.release_session(tx, session_id, by=me.id, now=now))


@post(
    "/bookings/{booking_id:uuid}/annulment",
    tags=TAGS,
    guards=[auth.may("decisions", "annul")],
    responses=refusals(NoTieInJury, AlreadyDeliberated, codes=(401, 403, 404)),
)
async def annul(booking_id: FromPath[UUID], me: auth.Me, db: Db, now: Now) -> Response[Annulled]:
    """Somebody of the jury has a tie with the candidate: the test does not count, and there is a new one. Twice is once."""
    async with db.transaction() as tx:
        await reach.runs_booking(tx, me, booking_id)
        await new_tests.annul(tx, booking_id, by=me.id, now=now)
        return Response(Annulled(await new_tests.granted_at(tx, booking_id)), status_code=201)


HANDLERS = [proposal, agreement, deliberate, decide, substitute, release, release_session, annul]
