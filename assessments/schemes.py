"""Schemes: the rules of a kind of test, as data. Where a number is 0, the rule does not exist in that scheme."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from assessments.grids import LANGUAGES
from assessments.refusals import NotFound
from assessments.standard_refusals import SchemeChanged

Profile = Literal["cvdc", "strict-17024", "none"]
Change = Literal["added", "changed"]


class Scheme(Struct, frozen=True):
    """`appeal_days` are calendar days, `appeal_answer_days` working days; fees in euro cents; age in years.

    `release_together`: nothing of a session is told before all its candidates have a decision. `retake_wait_days`: from
    a failure to the next test of the unit. `weighted`: criteria bear a weight. `interest_declared` and
    `confidentiality_signed`: what juries must have signed for the day of the test. `revision` grows with each change.
    """

    code: str
    label: dict[str, str]
    evaluators_min: int
    observers_min: int
    manager_required: bool
    needs_accreditation: bool
    issues_certificate: bool
    result_types: list[str]
    minimum_age: int
    failures_before_guidance: int
    appeal_days: int
    appeal_answer_days: int
    decision_profile: Profile
    fee_cents: int
    fee_cents_jobseeker: int
    release_together: bool = False
    languages: list[str] = msgspec.field(default_factory=lambda: list(LANGUAGES))
    retake_wait_days: int = 0
    weighted: bool = False
    interest_declared: bool = False
    confidentiality_signed: bool = False
    revision: int = 1

    @property
    def scores_only(self) -> bool:
        """Nobody passes or fails: each criterion is a scored domain."""
        return self.decision_profile == "none"


RULES = tuple(name for name in Scheme.__struct_fields__ if name not in ("code", "revision"))


async def put(tx: asyncpg.Connection, scheme: Scheme) -> Change | None:
    """Record a scheme or renew its rules, whatever its revision; say what that changed, None when nothing."""
    return await tx.fetchval(  # type: ignore[no-any-return]
        """insert into assessments.schemes as s (code, label, evaluators_min, observers_min, manager_required,
               needs_accreditation, issues_certificate, result_types, minimum_age, failures_before_guidance,
               appeal_days, appeal_answer_days, decision_profile, fee_cents, fee_cents_jobseeker, release_together,
               languages, retake_wait_days, weighted, interest_declared, confidentiality_signed)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
           on conflict (code) do update set label = $2, evaluators_min = $3, observers_min = $4, manager_required = $5,
               needs_accreditation = $6, issues_certificate = $7, result_types = $8, minimum_age = $9,
               failures_before_guidance = $10, appeal_days = $11, appeal_answer_days = $12, decision_profile = $13,
               fee_cents = $14, fee_cents_jobseeker = $15, release_together = $16, languages = $17,
               retake_wait_days = $18, weighted = $19, interest_declared = $20, confidentiality_signed = $21,
               revision = s.revision + 1
           where to_jsonb(s) - '{revision,changed_at,changed_by}'::text[]
               is distinct from to_jsonb(excluded) - '{revision,changed_at,changed_by}'::text[]
           returning case when xmax = 0 then 'added' else 'changed' end""",
        scheme.code,
        scheme.label,
        scheme.evaluators_min,
        scheme.observers_min,
        scheme.manager_required,
        scheme.needs_accreditation,
        scheme.issues_certificate,
        scheme.result_types,
        scheme.minimum_age,
        scheme.failures_before_guidance,
        scheme.appeal_days,
        scheme.appeal_answer_days,
        scheme.decision_profile,
        scheme.fee_cents,
        scheme.fee_cents_jobseeker,
        scheme.release_together,
        scheme.languages,
        scheme.retake_wait_days,
        scheme.weighted,
        scheme.interest_declared,
        scheme.confidentiality_signed,
    )


async def amend(tx: asyncpg.Connection, scheme: Scheme, *, by: UUID | None, now: datetime) -> None:
    """Change the rules of a scheme as they were at `scheme.revision`; they hold for whatever is done from now on.

    Refuses NotFound, SchemeChanged (somebody else wrote since that revision).
    """
    rules = {name: getattr(scheme, name) for name in RULES}
    done = await tx.fetchval(
        """update assessments.schemes s set
               label = r.label, evaluators_min = r.evaluators_min, observers_min = r.observers_min,
               manager_required = r.manager_required, needs_accreditation = r.needs_accreditation,
               issues_certificate = r.issues_certificate, result_types = r.result_types, minimum_age = r.minimum_age,
               failures_before_guidance = r.failures_before_guidance, appeal_days = r.appeal_days,
               appeal_answer_days = r.appeal_answer_days, decision_profile = r.decision_profile,
               fee_cents = r.fee_cents, fee_cents_jobseeker = r.fee_cents_jobseeker,
               release_together = r.release_together, languages = r.languages,
               retake_wait_days = r.retake_wait_days, weighted = r.weighted,
               interest_declared = r.interest_declared, confidentiality_signed = r.confidentiality_signed,
               revision = s.revision + 1, changed_by = $4, changed_at = $5
           from jsonb_populate_record(null::assessments.schemes, $3) r
           where s.code = $1 and s.revision = $2 returning s.revision""",
        scheme.code,
        scheme.revision,
        rules,
        by,
        now,
    )
    if done is None:
        await get(tx, scheme.code)
        raise SchemeChanged


async def every(tx: asyncpg.Connection) -> list[Scheme]:
    """All schemes, by code."""
    rows = await tx.fetch("select s.* from assessments.schemes s order by s.code")
    return [_scheme(row) for row in rows]


async def get(tx: asyncpg.Connection, code: str) -> Scheme:
    """Refuses NotFound."""
    row = await tx.fetchrow("select s.* from assessments.schemes s where s.code = $1", code)
    if row is None:
        raise NotFound
    return _scheme(row)


def _scheme(row: asyncpg.Record) -> Scheme:
    return Scheme(**{name: row[name] for name in Scheme.__struct_fields__})
