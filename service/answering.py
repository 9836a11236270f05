"""The answer to an appeal and what it brings in the same transaction: a revised decision, or a new test."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from assessments import appeals, decisions, new_tests, recognitions
from assessments.marking import Outcome
from service.accounts import Account
from service.auth import own

MEETING_MINUTES = 60  # what a mediation is planned for
Revised = Outcome | recognitions.Result
# What a reviewer chooses: the answer, and what then takes the old one's place: an outcome, or in an EVC a recognition.
CHOICES: dict[str, tuple[appeals.Answer, Revised | None]] = {
    "rejected": ("rejected", None),
    "new_test": ("new_test", None),
    "pass": ("upheld", "pass"),
    "fail": ("upheld", "fail"),
    **{result: ("upheld", result) for result in recognitions.RESULTS},
}


async def answer(
    tx: asyncpg.Connection,
    appeal_id: UUID,
    outcome: appeals.Answer,
    revised: Revised | None,
    motivation: str,
    *,
    competences: Sequence[str] = (),
    by: Account,
    now: datetime,
) -> None:
    """Answer an appeal that the account's person reviews. `competences`: of a recognition, the codes of its criteria.

    Refuses what appeals.answer, decisions.revise and recognitions.revise do.
    """
    reviewer_id = own(by.assessor_id)
    await appeals.answer(tx, appeal_id, outcome, motivation, reviewer_id=reviewer_id, now=now)
    if outcome == "new_test":
        await new_tests.grant(tx, appeal_id, by=by.id, now=now)
    if revised is None:
        return
    decision_id = (await appeals.get(tx, appeal_id)).decision_id
    if revised == "pass" or revised == "fail":
        await decisions.revise(tx, decision_id, revised, taken_by=reviewer_id, now=now)
    else:
        await recognitions.revise(tx, decision_id, revised, competences, motivation=motivation, by=reviewer_id, now=now)
