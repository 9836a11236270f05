"""A list of candidates. Its key is the other system's reference, or the mail address."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from assessments import candidates
from assessments.refusals import CandidateEmailKnown
from service import accounts
from service.i18n import BRUSSELS, N_
from service.import_lines import Finding
from service.importing import fields, lines
from service.importing.fields import Column
from service.importing.lines import Found, List, Scope, Values

COLUMNS = (
    Column(
        "reference",
        N_("Reference"),
        N_("What your other system calls this line. With it, the next file finds the line again."),
        fields.words_of(80),
        "K-1042",
    ),
    Column("email", N_("Email address"), N_("One for each person."), fields.mail, "noor@example.org", required=True),
    Column("given_name", N_("Given name"), N_("As on the identity card."), fields.words_of(100), "Noor", required=True),
    Column(
        "family_name", N_("Family name"), N_("As on the identity card."), fields.words_of(100), "Peeters", required=True
    ),
    Column("birth_date", N_("Birth date"), N_("A day, such as 17/05/1990."), fields.day, "1990-05-17", required=True),
    Column(
        "language",
        N_("Language of letters"),
        N_("fr, nl, en or de."),
        fields.one_of("fr", "nl", "en", "de"),
        "fr",
        required=True,
    ),
    Column(
        "status",
        N_("Professional status"),
        N_("jobseeker, worker, self_employed, learner or other."),
        fields.one_of("jobseeker", "worker", "self_employed", "learner", "other"),
        "jobseeker",
        required=True,
    ),
    Column(
        "phone", N_("Telephone"), N_("With its country: +32 470 12 34 56."), fields.words_of(40), "+32 470 12 34 56"
    ),
    Column("gender", N_("Gender"), N_("f, m or x."), fields.one_of("f", "m", "x"), "f"),
    Column("municipality", N_("Municipality"), N_("Where the person lives."), fields.words_of(80), "Anderlecht"),
)
GROWN = timedelta(days=18 * 365 + 4)


async def judge(tx: asyncpg.Connection, values: Values, scope: Scope) -> Found:
    """Find the candidate, and what differs. Somebody whom the centre does not know stays unknown to it."""
    known = await _known(tx, values, scope)
    findings = _odd(values, scope)
    if known is None:
        return Found(findings=tuple(findings))
    if not known["within"]:
        return Found(findings=(Finding("email", values["email"], "known_elsewhere"),))
    changes = lines.changes_of(values, {column.name: known[column.name] for column in COLUMNS})
    if "email" in changes:
        findings.append(Finding("email", values["email"], "mail_fixed"))
    if "birth_date" in changes and known["is_booked"]:
        findings.append(Finding("birth_date", fields.shown(values["birth_date"]), "birth_date_fixed"))
    return Found(known["id"], changes, tuple(findings), known["id"])


async def _known(tx: asyncpg.Connection, values: Values, scope: Scope) -> Any:
    """`within`: the centre brought them, or they have or had a place there; an administrator knows everybody."""
    named = await lines.named_before(tx, values, scope) or lines.own_id(values)
    return await tx.fetchrow(
        """select c.id, lower(c.email) as email, c.given_name, c.family_name, c.birth_date, c.language::text, c.status,
                  c.phone, c.gender, c.municipality, coalesce(x.reference, c.id::text) as reference,
                  exists (select from scheduling.bookings b where b.candidate_id = c.id) as is_booked,
                  $3 or x.reference is not null or exists (
                      select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                      where b.candidate_id = c.id and s.centre_id = $4) as within
           from assessments.candidates c
           left join service.external_references x
               on x.kind = 'candidates' and x.centre_id = $4 and x.subject_id = c.id
           where c.erased_at is null and (c.id = $1 or lower(c.email) = $2)
           order by (c.id = $1) desc limit 1""",
        named,
        values["email"],
        scope.everywhere,
        scope.centre_id,
    )


def _odd(values: Values, scope: Scope) -> list[Finding]:
    """What is said, and does not keep the line out; but who is not born yet stays out."""
    today = scope.now.astimezone(BRUSSELS).date()
    shown = fields.shown(values["birth_date"])
    if values["birth_date"] >= today:
        return [Finding("birth_date", shown, "not_born")]
    if values["birth_date"] > today - GROWN:
        return [Finding("birth_date", shown, "under_age", blocking=False)]
    return []


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> tuple[UUID, list[Finding]]:
    """Register or amend them. Who is new may sign in with a link to the address. Refuses CandidateEmailKnown, and
    AccountKnown where somebody got an account at this very moment."""
    given = {name: value for name, value in values.items() if name != "reference"}
    if found.subject_id is not None:
        before = await candidates.get(tx, found.subject_id)
        kept = {name: getattr(before, name) for name in candidates.Registration.__struct_fields__}
        registration = candidates.Registration(**{**kept, **given})
        await candidates.amend(tx, found.subject_id, registration, by=scope.by, now=scope.now)
        await lines.name(tx, values, found.subject_id, scope, is_new=False)
        return found.subject_id, []
    registration = candidates.Registration(**given)
    same, has_account = await _elsewhere(tx, values["email"])
    candidate_id = await candidates.register(tx, registration, now=scope.now, candidate_id=same)
    await lines.name(tx, values, candidate_id, scope, is_new=True)
    if has_account:
        return candidate_id, [Finding("email", values["email"], "account_known", blocking=False)]
    await accounts.register(
        tx,
        email=values["email"],
        role="candidate",
        language=registration.language,
        candidate_id=candidate_id,
        now=scope.now,
    )
    return candidate_id, []


async def _elsewhere(tx: asyncpg.Connection, email: str) -> tuple[UUID | None, bool]:
    """The assessor who has this address: one person keeps one id. And whether somebody signs in with it."""
    row = await tx.fetchrow(
        """select (select id from assessments.assessors where lower(email) = $1 and retired_at is null),
                  exists (select from service.accounts where email = $1)""",
        email,
    )
    assert row is not None
    return row[0], row[1]


LIST = List(
    "candidates",
    COLUMNS,
    judge,
    carry_out,
    keys=(("reference",), ("email",)),
    fields_of={CandidateEmailKnown: "email"},
)
