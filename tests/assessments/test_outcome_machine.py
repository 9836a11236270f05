"""Every verb on a decision, an appeal and a complaint in any order, held against a small model; `preuve check` at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from assessments import (
    appeal_reviewers,
    appeals,
    complaints,
    decisions,
    mediations,
    new_tests,
    outcome_refusals,
    refusals,
)
from scheduling import attendance, sessions
from service import accounts, check
from service.db import speak_json
from tests.builders.assessments import a_sitting, an_assessor, deliberated, recorded
from tests.builders.refused import tried

ENDED = ("rejected", "upheld", "new_test", "inadmissible", "withdrawn", "settled")


class After(RuleBasedStateMachine):
    """What comes after a test. `decision`: None, taken, told; `appeal`: None, lodged, admitted, panel, or how it ended."""

    loop: asyncio.AbstractEventLoop
    tx: "asyncpg.Connection[asyncpg.Record]"  # one for all examples: what is planned once stays planned

    def __init__(self) -> None:
        super().__init__()
        self.decision = self.appeal = self.mediation = self.complaint = ""
        self.ids: dict[str, UUID] = {}

    def run(self, act: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(act)  # type: ignore[arg-type]

    def attempt(self, act: Callable[[], Awaitable[Any]], expected: type[Exception] | None) -> Any:
        """The verb in a savepoint; it answers, or refuses as the model says."""
        answer = self.run(tried(self.tx, act, refusals.Refusal))
        refused = answer if isinstance(answer, type) else None
        assert refused is expected, f"{refused} instead of {expected}"
        return answer

    @initialize()
    def begin(self) -> None:
        self.now = datetime(2026, 9, 1, 8, tzinfo=UTC)

        async def stage() -> None:
            self.example = self.tx.transaction()
            await self.example.start()
            self.sitting = await a_sitting(self.tx, now=self.now)
            await recorded(self.tx, self.sitting)
            await sessions.end(self.tx, self.sitting.session, by=None, now=self.sitting.test_day + timedelta(hours=4))
            await deliberated(self.tx, self.sitting, "fail")
            self.reviewer = await an_assessor(self.tx, now=self.now)
            self.handler = await accounts.register(
                self.tx, email=f"{uuid4()}@example.org", role="administrator", language="fr", now=self.now
            )

        self.run(stage())
        self.at = self.sitting.test_day + timedelta(hours=6)

    @rule()
    def decide(self) -> None:
        expected = refusals.AlreadyDecided if self.decision else None
        answer = self.attempt(
            lambda: decisions.take(self.tx, self.sitting.booking, taken_by=self.sitting.manager, now=self.at), expected
        )
        if expected is None:
            self.decision, self.ids["decision"] = "taken", answer

    @rule(together=st.booleans())
    def release(self, together: bool) -> None:
        if not self.decision:
            self.attempt(
                lambda: decisions.release_session(self.tx, self.sitting.session, by=None, now=self.at),
                outcome_refusals.SessionUndecided,
            )
            return
        if together:
            self.attempt(lambda: decisions.release_session(self.tx, self.sitting.session, by=None, now=self.at), None)
        else:
            self.attempt(lambda: decisions.release(self.tx, self.ids["decision"], by=None, now=self.at), None)
        self.decision = "told"

    @rule()
    def lodge(self) -> None:
        expected: type[Exception] | None = None
        if not self.decision:
            expected = refusals.NotFound
        elif self.appeal == "upheld":
            return  # a revised decision may be appealed again; another story
        elif self.decision == "taken":
            expected = refusals.DecisionUnreleased
        elif self.appeal:
            expected = refusals.AlreadyAppealed
        decision = self.ids.get("decision", uuid4())
        answer = self.attempt(lambda: appeals.lodge(self.tx, decision, "Non.", by=None, now=self.at), expected)
        if expected is None:
            self.appeal, self.ids["appeal"] = "lodged", answer

    def expected(self, *allowed: str, otherwise: type[Exception] | None = None) -> type[Exception] | None:
        if not self.appeal:
            return refusals.NotFound
        if self.appeal in ENDED:
            return refusals.AppealAnswered
        return None if self.appeal in allowed else otherwise

    @property
    def about(self) -> UUID:
        return self.ids.get("appeal", self.reviewer)

    @rule(yes=st.booleans())
    def rule_on_the_form(self, yes: bool) -> None:
        expected = self.expected("lodged", otherwise=outcome_refusals.AppealAlreadyRuled)
        if yes:
            self.attempt(lambda: appeals.admit(self.tx, self.about, by=self.handler, now=self.at), expected)
        else:
            self.attempt(lambda: appeals.turn_down(self.tx, self.about, "Forme.", by=None, now=self.at), expected)
        if expected is None:
            self.appeal = "admitted" if yes else "inadmissible"

    @rule(juror=st.booleans())
    def appoint(self, juror: bool) -> None:
        expected = self.expected("admitted", "panel", otherwise=outcome_refusals.AppealNotAdmitted)
        if juror and expected is None:
            expected = refusals.ReviewerInJury
        person = self.sitting.observer if juror else self.reviewer
        self.attempt(lambda: appeal_reviewers.appoint(self.tx, self.about, person, now=self.at), expected)
        if expected is None:
            self.appeal = "panel"

    @rule(days=st.integers(1, 3))
    def plan_a_meeting(self, days: int) -> None:
        expected = self.expected("panel", otherwise=refusals.NotAReviewer)
        if expected is None and self.mediation == "held":
            expected = outcome_refusals.MediationOver
        meeting = mediations.Meeting(self.at + timedelta(days=days), 60, "Rue Royale 45", self.reviewer)
        self.attempt(lambda: mediations.plan(self.tx, self.about, meeting, by=None, now=self.at), expected)
        if expected is None:
            self.mediation = "planned"

    @rule(result=st.sampled_from(("agreed", "not_agreed", "not_held")))
    def meet(self, result: mediations.Result) -> None:
        expected = self.expected("lodged", "admitted", "panel")
        if expected is None and self.mediation != "planned":
            expected = outcome_refusals.MediationOver if self.mediation else outcome_refusals.MediationMissing
        self.attempt(lambda: mediations.conclude(self.tx, self.about, result, "Vu.", now=self.at), expected)
        if expected is None:
            self.mediation = "held"
            self.appeal = "settled" if result == "agreed" else self.appeal

    @rule(outcome=st.sampled_from(appeals.ANSWERS))
    def answer(self, outcome: appeals.Answer) -> None:
        expected = self.expected("panel", otherwise=refusals.NotAReviewer)
        if self.appeal == "lodged":
            expected = outcome_refusals.AppealNotAdmitted

        async def act() -> None:
            await appeals.answer(self.tx, self.about, outcome, "Vu.", reviewer_id=self.reviewer, now=self.at)
            if outcome == "new_test":
                await new_tests.grant(self.tx, self.about, by=None, now=self.at)
            if outcome == "upheld":
                self.ids["revised"] = await decisions.revise(
                    self.tx, self.ids["decision"], "fail", taken_by=self.reviewer, now=self.at
                )
                await decisions.release(self.tx, self.ids["revised"], by=None, now=self.at)

        self.attempt(act, expected)
        if expected is None:
            self.appeal = outcome
            self.ids["decision"] = self.ids.get("revised", self.ids["decision"])

    @rule()
    def withdraw(self) -> None:
        expected = self.expected("lodged", "admitted", "panel")
        self.attempt(lambda: appeals.withdraw(self.tx, self.about, by=None, now=self.at), expected)
        if expected is None:
            self.appeal = "withdrawn"

    @rule()
    def complain(self) -> None:
        if not self.complaint:
            self.ids["complaint"] = self.attempt(
                lambda: complaints.lodge(
                    self.tx, self.sitting.candidate, self.sitting.centre, "staff", "Non.", now=self.at
                ),
                None,
            )
            self.complaint = "lodged"

    @rule(step=st.sampled_from(("take_up", "answer", "withdraw")))
    def handle(self, step: str) -> None:
        complaint = self.ids.get("complaint", self.reviewer)
        expected: type[Exception] | None = refusals.NotFound if not self.complaint else None
        if self.complaint == "ended":
            expected = outcome_refusals.ComplaintEnded
        elif step == "answer" and self.complaint == "lodged":
            expected = outcome_refusals.ComplaintNotTakenUp
        acts: dict[str, Callable[[], Awaitable[Any]]] = {
            "take_up": lambda: complaints.take_up(self.tx, complaint, by=self.handler, now=self.at),
            "answer": lambda: complaints.answer(self.tx, complaint, "partly", "Vu.", by=self.handler, now=self.at),
            "withdraw": lambda: complaints.withdraw(self.tx, complaint, now=self.at),
        }
        self.attempt(acts[step], expected)
        if expected is None:
            self.complaint = "taken_up" if step == "take_up" else "ended"

    def teardown(self) -> None:
        try:
            if hasattr(self, "at"):
                self.clean()
        finally:
            if hasattr(self, "example"):
                self.run(self.example.rollback())

    def clean(self) -> None:
        """Failures are counted as the model says, a complaint changed no result, and the check finds nothing."""
        told = self.decision == "told" and self.appeal != "new_test"
        failures = "select assessments.failures_since_guidance($1, $2)"
        counted = self.run(self.tx.fetchval(failures, self.sitting.candidate, self.sitting.unit.id))
        assert counted == int(told)
        self.run(attendance.close(self.tx, self.sitting.booking, now=self.at))
        found = self.run(check.audit(self.tx, now=self.at))
        broken = [(one.rule, one.examples) for one in found if one.violations and one.rule != "outbox"]
        assert not broken, broken


@pytest.fixture
def connected(shared_url: str) -> Iterator[None]:
    After.loop = asyncio.new_event_loop()
    After.tx = After.loop.run_until_complete(asyncpg.connect(shared_url))
    After.loop.run_until_complete(speak_json(After.tx))
    yield
    After.loop.run_until_complete(After.tx.close())
    After.loop.close()


@pytest.mark.usefixtures("connected")
def test_every_verb_in_any_order() -> None:
    run_state_machine_as_test(
        After,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            print_blob=True,
        ),
    )
