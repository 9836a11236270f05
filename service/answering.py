"""The answer to an appeal and what it brings in the same transaction: a revised decision, or a new test."""

from datetime import datetime
from uuid import UUID

import asyncpg

from assessments import appeals, decisions, new_tests
from assessments.marking import Outcome
from service.accounts import Account
from service.auth import own

MEETING_MINUTES = 60  # what a mediation is planned for
# What a reviewer chooses: the answer, and the outcome that then takes the old one's place.
CHOICES: dict[str, tuple[appeals.Answer, Outcome | None]] = {
    "rejected": ("rejected", None),
    "new_test": ("new_test", None),
    "pass": ("upheld", "pass"),
    "fail": ("upheld", "fail"),
}


async def answer(
    tx: asyncpg.Connection,
    appeal_id: UUID,
    outcome: appeals.Answer,
    revised: Outcome | None,
    motivation: str,
    *,
    by: Account,
    now: datetime,
) -> None:
    """Answer an appeal that the account's person reviews. Refuses what appeals.answer and decisions.revise do."""
    reviewer_id = own(by.assessor_id)
    await appeals.answer(tx, appeal_id, outcome, motivation, reviewer_id=reviewer_id, now=now)
    if outcome == "new_test":
        await new_tests.grant(tx, appeal_id, by=by.id, now=now)
    if revised is not None:
        decision_id = (await appeals.get(tx, appeal_id)).decision_id
        await decisions.revise(tx, decision_id, revised, taken_by=reviewer_id, now=now)
