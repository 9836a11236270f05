"""The odd cases of the year, each by the name that year_2023.toml gives it.

Some need no function: no-shows and cancellations are parts like others, a cancelled session whose candidates book again
is two rows with the same people, and so is the candidate who was turned away because a forklift failed its inspection.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from assessments import accommodations, appeal_reviewers, appeals, decisions, enrolments, links
from certificates import register
from scheduling import bookings
from scheduling.refusals import AssessorKnowsCandidate, GuidanceRequired
from service.seed.diary import refused
from service.seed.replay import Replay, Seat, Sitting

# One indicator was not observed, with its reason; it counts neither for nor against the candidate.
NOT_OBSERVED = "not_observed"
# The grid proposed a fail, two of three votes were for a pass, and the jury said why.
DEPARTURE = "jury_departs_from_the_proposal"
MOTIVATION = (
    "Le joint manquant a été repris spontanément par le candidat, juste après l'heure et sous les yeux du jury ; "
    "la pose est conforme et la sécurité n'a jamais été en cause."
)

Hook = Callable[..., Awaitable[None]]


async def granted_extra_time(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime
) -> None:
    """A quarter more time, asked for and granted before booking: the room and the jury are held longer."""
    assert seat.person is not None
    asked = await accommodations.request(tx, seat.person.id, "extra_time", extra_percent=25, now=now)
    await accommodations.grant(tx, asked, by=sitting.centre.account, now=now)


async def taught_by_the_evaluator(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime
) -> None:
    """A teaching link is declared and on record; it bars from every seat of the jury but the evaluator's."""
    assert seat.person is not None
    await links.declare(
        tx, sitting.jury["evaluator"][0], seat.person.id, "teaching", by=sitting.centre.account, now=now
    )


async def kin_of_the_evaluator(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime
) -> None:
    """Kinship bars: the booking is refused, and the candidate is tested months later by another jury."""
    assert seat.person is not None
    assert sitting.session is not None
    await links.declare(tx, sitting.jury["evaluator"][0], seat.person.id, "kinship", by=sitting.centre.account, now=now)
    async with refused(tx, AssessorKnowsCandidate):
        await bookings.book(tx, sitting.session, seat.person.id, by=None, now=now)


async def guided_before_the_third_attempt(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime
) -> None:
    """Two failures in one centre count in every other: refused, guided, and then free to try again."""
    assert seat.person is not None
    assert sitting.session is not None
    async with refused(tx, GuidanceRequired):
        await bookings.book(tx, sitting.session, seat.person.id, by=None, now=now)
    enrolment = await enrolments.of(tx, seat.person.id, sitting.unit.id)
    await enrolments.guide(tx, enrolment.id, "reserved", by=sitting.centre.account, now=now)


async def appeal_upheld(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, decision: UUID, *, now: datetime
) -> None:
    replay.diary.at(now + timedelta(days=6), _appeal, replay, sitting, seat, decision, "upheld")


async def appeal_rejected(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, decision: UUID, *, now: datetime
) -> None:
    replay.diary.at(now + timedelta(days=12), _appeal, replay, sitting, seat, decision, "rejected")


GROUNDS = {
    "upheld": "Le support qui m'a été donné était humide ; je l'ai signalé et l'observateur l'a noté.",
    "rejected": "Je trouve le résultat trop sévère : mon carrelage était presque droit.",
}
ANSWERS = {
    "upheld": "La fiche de l'observateur confirme un support humide : l'écaillage ne peut pas être imputé au candidat.",
    "rejected": "Les mesures consignées dépassent la tolérance du référentiel ; l'épreuve a été conforme.",
}


async def _appeal(
    tx: asyncpg.Connection,
    replay: Replay,
    sitting: Sitting,
    seat: Seat,
    decision: UUID,
    outcome: str,
    *,
    now: datetime,
) -> None:
    """Within the fifteen days; reviewed by the manager of another centre, who was not of the jury."""
    appeal = await appeals.lodge(tx, decision, GROUNDS[outcome], by=None, now=now)
    reviewer = replay.ground.centres["technicity"].manager
    await appeals.admit(tx, appeal, by=None, now=now)
    await appeal_reviewers.appoint(tx, appeal, reviewer, now=now)
    replay.diary.at(now + timedelta(days=13), _answer, sitting, seat, appeal, reviewer, outcome)


async def _answer(
    tx: asyncpg.Connection, sitting: Sitting, seat: Seat, appeal: UUID, reviewer: UUID, outcome: str, *, now: datetime
) -> None:
    """An upheld appeal brings a revised decision, and this one its certificate."""
    upheld = outcome == "upheld"
    await appeals.answer(
        tx, appeal, "upheld" if upheld else "rejected", ANSWERS[outcome], reviewer_id=reviewer, now=now
    )
    if upheld:
        assert seat.person is not None
        decision = (await appeals.get(tx, appeal)).decision_id
        revised = await decisions.revise(tx, decision, "pass", taken_by=reviewer, now=now)
        await decisions.release(tx, revised, by=sitting.centre.account, now=now)
        seat.person.passed.add(sitting.unit.code)
        seat.person.failures[sitting.unit.code] -= 1


async def certificate_withdrawn(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, decision: UUID, *, now: datetime
) -> None:
    reason = "Une autre personne s'est présentée à l'épreuve avec les papiers du titulaire."
    replay.diary.at(now + timedelta(days=48), _withdraw, sitting, decision, reason)


async def certificate_suspended_and_reinstated(
    tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, decision: UUID, *, now: datetime
) -> None:
    reason = "Une plainte sur le déroulement de l'épreuve est à l'examen."
    replay.diary.at(now + timedelta(days=30), _suspend, sitting, decision, reason)
    replay.diary.at(now + timedelta(days=51), _reinstate, sitting, decision)


async def _withdraw(tx: asyncpg.Connection, sitting: Sitting, decision: UUID, reason: str, *, now: datetime) -> None:
    certificate = await _certificate(tx, decision)
    await register.withdraw(tx, certificate, reason=reason, by=sitting.centre.account, now=now)


async def _suspend(tx: asyncpg.Connection, sitting: Sitting, decision: UUID, reason: str, *, now: datetime) -> None:
    certificate = await _certificate(tx, decision)
    await register.suspend(tx, certificate, reason=reason, by=sitting.centre.account, now=now)


async def _reinstate(tx: asyncpg.Connection, sitting: Sitting, decision: UUID, *, now: datetime) -> None:
    await register.reinstate(tx, await _certificate(tx, decision), by=sitting.centre.account, now=now)


async def _certificate(tx: asyncpg.Connection, decision: UUID) -> UUID:
    holder = (await decisions.get(tx, decision)).candidate_id
    return next(one.id for one in await register.of_candidate(tx, holder) if one.decision_id == decision)


BEFORE_BOOKING: dict[str, Hook] = {
    hook.__name__: hook
    for hook in (
        granted_extra_time, taught_by_the_evaluator, kin_of_the_evaluator, guided_before_the_third_attempt,
    )
}  # fmt: skip
AFTER_RELEASE: dict[str, Hook] = {
    hook.__name__: hook
    for hook in (
        appeal_upheld, appeal_rejected, certificate_withdrawn, certificate_suspended_and_reinstated,
    )
}  # fmt: skip
