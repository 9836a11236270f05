"""What the jury does: records, deliberates, decides, releases. A screening ends with its profile instead."""

from datetime import datetime, time, timedelta
from uuid import UUID

import asyncpg

from assessments import decisions, deliberations, profiles, ratings, recommendations, recordings
from assessments.marking import Outcome, Rating
from service.seed import marks, odd_cases
from service.seed.diary import next_working_day
from service.seed.replay import ATTENDED, Replay, Seat, Sitting

# Made up, as the people are: what the assessors of each screening advise.
RECOMMENDED: dict[str, tuple[list[str], list[str]]] = {
    "RESE-S": (["TPCR-3"], ["Réseaux : bases, 4 semaines (fictif)"]),
    "HELP-S": (["TPCR-2"], ["Accueil au téléphone, 3 jours (fictif)"]),
    "WEBD-S": ([], ["Développement web, 9 mois (fictif)"]),
    "CHPL-S": ([], ["Permis C, théorie, 2 semaines (fictif)"]),
    "LIVR-S": (["MAGA-2"], []),
}


def foretell(replay: Replay, sitting: Sitting, ends_at: datetime) -> None:
    """Note the jury's work after the test; the candidates are told on the next working day."""
    diary, told_at = replay.diary, next_working_day(ends_at, time(10, 30))
    for number, seat in enumerate(sitting.seated(*ATTENDED)):
        diary.at(ends_at + timedelta(minutes=10), submit, replay, sitting, seat)
        told_at += timedelta(minutes=7)
        if sitting.scheme.scores_only:
            diary.at(told_at, profile, sitting, seat)
        elif not sitting.stops_before_the_jury:
            diary.at(ends_at + timedelta(minutes=30 + 10 * number), deliberate, sitting, seat)
            diary.at(told_at, tell, replay, sitting, seat)


async def begin(tx: asyncpg.Connection, sitting: Sitting, *, now: datetime) -> None:
    """Everyone of the jury takes up a grid for each of their candidates."""
    for seat in sitting.seated(*ATTENDED):
        assert seat.booking is not None
        for evaluator in sitting.evaluators_of(seat):
            seat.recordings[str(evaluator)] = await recordings.start(tx, seat.booking, evaluator, "evaluator", now=now)
        for observer in sitting.jury["observer"]:
            seat.recordings["observer"] = await recordings.start(tx, seat.booking, observer, "observer", now=now)


async def submit(tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    """Evaluator and observer submit what they saw, each for themselves."""
    grid, chance = sitting.standard.content.grid, replay.chance
    if seat.role.part == "scores":
        seen = marks.evaluator(grid, "scores", chance)
    else:
        failing = seat.role.part == "fail" or seat.role.story == odd_cases.DEPARTURE
        seen = marks.evaluator(grid, "fail" if failing else "pass", chance)
    if seat.role.story == odd_cases.NOT_OBSERVED:
        seen = marks.with_one_unseen(grid, seen)
    for evaluator in sitting.evaluators_of(seat):
        await _hand_in(tx, seat.recordings[str(evaluator)], seen, evaluator, now=now)
    for observer in sitting.jury["observer"]:
        await _hand_in(tx, seat.recordings["observer"], marks.observer(grid, seen, chance), observer, now=now)


async def _hand_in(
    tx: asyncpg.Connection, recording: UUID, seen: list[Rating], assessor: UUID, *, now: datetime
) -> None:
    await ratings.rate(tx, recording, seen, by=assessor, now=now)
    await recordings.submit(tx, recording, by=assessor, now=now)


async def profile(tx: asyncpg.Connection, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    """A screening has no jury: the candidate gets the scores."""
    assert seat.person is not None
    assert seat.booking is not None
    units, trainings = RECOMMENDED.get(sitting.unit.code, ([], []))
    await recommendations.put(tx, seat.booking, units=units, trainings=trainings, by=sitting.centre.account, now=now)
    await profiles.release(tx, seat.booking, now=now)
    seat.person.live.discard(sitting.unit.code)
    seat.person.passed.add(sitting.unit.code)  # nobody is screened twice within the year


async def deliberate(tx: asyncpg.Connection, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    """Three votes beside the proposal, then the decision by the manager, who took no part in examining."""
    assert seat.booking is not None
    outcome: Outcome = "pass" if seat.role.part == "pass" else "fail"
    departs = seat.role.story == odd_cases.DEPARTURE
    votes = deliberations.Votes(outcome, "fail" if departs else outcome, outcome)
    await deliberations.record(
        tx,
        seat.booking,
        votes=votes,
        outcome=outcome,
        motivation=odd_cases.MOTIVATION if departs else "",
        by=sitting.centre.account,
        now=now,
    )
    await decisions.take(tx, seat.booking, taken_by=sitting.centre.manager, now=now)


async def tell(tx: asyncpg.Connection, replay: Replay, sitting: Sitting, seat: Seat, *, now: datetime) -> None:
    """Release the decision; a pass brings its certificate, an odd case whatever comes next."""
    assert seat.person is not None
    assert seat.booking is not None
    decision = (await decisions.of_booking(tx, seat.booking))[-1]
    await decisions.release(tx, decision.id, by=sitting.centre.account, now=now)
    seat.person.live.discard(sitting.unit.code)
    if decision.outcome == "pass":
        seat.person.passed.add(sitting.unit.code)
    else:
        seat.person.failures[sitting.unit.code] += 1
    if seat.role.story in odd_cases.AFTER_RELEASE:
        await odd_cases.AFTER_RELEASE[seat.role.story](tx, replay, sitting, seat, decision.id, now=now)
