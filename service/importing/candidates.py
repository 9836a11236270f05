"""A list of candidates. Its key is the other system's reference, or the mail address."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from assessments import candidates
from assessments.refusals import CandidateEmailKnown
from service import accounts
from service.i18n import BRUSSELS, LANGUAGES, N_
from service.import_lines import Finding
from service.importing import choices, fields, lines
from service.importing.fields import Column
from service.importing.lines import Done, Found, List, Scope, Values

SPOKEN = tuple(LANGUAGES)
ONE_OF = N_("One of these: %(values)s. Programs may write the codes %(codes)s.")
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
    Column(
        "birth_date",
        N_("Birth date"),
        N_("A day, such as 17/05/1990."),
        fields.day,
        "1990-05-17",
        required=True,
        say=fields.day_said,
    ),
    Column(
        "language",
        N_("Language of letters"),
        ONE_OF,
        choices.one_of(SPOKEN),
        "fr",
        required=True,
        say=choices.word,
        choices=SPOKEN,
    ),
    Column(
        "status",
        N_("Professional status"),
        ONE_OF,
        choices.one_of(choices.STATUSES),
        "jobseeker",
        required=True,
        say=choices.word,
        choices=choices.STATUSES,
    ),
    Column(
        "phone", N_("Telephone"), N_("With its country: +32 470 12 34 56."), fields.words_of(40), "+32 470 12 34 56"
    ),
    Column(
        "gender",
        N_("Gender"),
        ONE_OF,
        choices.one_of(choices.GENDERS, choices.GENDERS_FOR_SHORT),
        "f",
        say=choices.word,
        choices=choices.GENDERS,
    ),
    Column("municipality", N_("Municipality"), N_("Where the person lives."), fields.words_of(80), "Anderlecht"),
)
GROWN = timedelta(days=18 * 365 + 4)


async def judge(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Found]:
    """Find the candidates, and what differs. Somebody whom the centre does not know stays unknown to it."""
    known = await _known(tx, values, scope)
    return [_found(line, known.get(place), scope) for place, line in enumerate(values, start=1)]


def _found(values: Values, known: Any, scope: Scope) -> Found:
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


async def _known(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> dict[int, Any]:
    """By the place of the line. `within`: the centre brought them, or they have or had a place there; an administrator
    knows everybody. All addresses in one look: under row security lower(email) finds no index, so that one look for each
    line would read all candidates as many times."""
    rows = await tx.fetch(
        """with addressed as materialized (
               select lower(email) as email, id from assessments.candidates
               where lower(email) = any ($2::text[]) and erased_at is null),
           found as materialized (
               select given.place, coalesce(
                   (select n.id from assessments.candidates n where n.id = given.named and n.erased_at is null),
                   addressed.id) as id
               from unnest($1::uuid[], $2::text[]) with ordinality given (named, email, place)
               left join addressed on addressed.email = given.email)
           select found.place, c.id, lower(c.email) as email, c.given_name, c.family_name, c.birth_date,
                  c.language::text, c.status, c.phone, c.gender, c.municipality, coalesce(x.reference, c.id::text) as reference,
                  exists (select from scheduling.bookings b where b.candidate_id = c.id) as is_booked,
                  $3 or x.reference is not null or exists (
                      select from scheduling.bookings b join scheduling.sessions s on s.id = b.session_id
                      where b.candidate_id = c.id and s.centre_id = $4) as within
           from found join assessments.candidates c on c.id = found.id
           left join service.external_references x
               on x.kind = 'candidates' and x.centre_id = $4 and x.subject_id = c.id""",
        await lines.named_before(tx, values, scope),
        [line["email"] for line in values],
        scope.everywhere,
        scope.centre_id,
    )
    return {row["place"]: row for row in rows}


def _odd(values: Values, scope: Scope) -> list[Finding]:
    """What is said, and does not keep the line out; but who is not born yet stays out."""
    today = scope.now.astimezone(BRUSSELS).date()
    shown = fields.shown(values["birth_date"])
    if values["birth_date"] >= today:
        return [Finding("birth_date", shown, "not_born")]
    if values["birth_date"] > today - GROWN:
        return [Finding("birth_date", shown, "under_age", blocking=False)]
    return []


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> Done:
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
    return (await add_all(tx, [values], scope))[0]


async def add_all(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Done]:
    """Register them. Who has an account already, for another role, gets none, and it is said. Refuses what `carry_out`
    does, and then all of them."""
    same = await _elsewhere(tx, values)
    people = [
        (assessor_id, candidates.Registration(**{name: each for name, each in line.items() if name != "reference"}))
        for line, (assessor_id, _) in zip(values, same, strict=True)
    ]
    ids = await candidates.register_all(tx, people, now=scope.now)
    await lines.name_all(tx, values, ids, scope)
    done: list[Done] = []
    signing_in = []
    for line, candidate_id, (_, has_account) in zip(values, ids, same, strict=True):
        said = [Finding("email", line["email"], "account_known", blocking=False)] if has_account else []
        done.append((candidate_id, said))
        if not has_account:
            signing_in.append((candidate_id, line["email"], line["language"]))
    await accounts.register_candidates(tx, signing_in, now=scope.now)
    return done


async def _elsewhere(tx: asyncpg.Connection, values: Sequence[Values]) -> list[tuple[UUID | None, bool]]:
    """The assessor who has this address: one person keeps one id. And whether somebody signs in with it."""
    rows = await tx.fetch(
        """with addressed as materialized (
               select lower(email) as email, id from assessments.assessors
               where lower(email) = any ($1::text[]) and retired_at is null)
           select addressed.id, exists (select from service.accounts c where c.email = given.email)
           from unnest($1::text[]) with ordinality given (email, place)
           left join addressed on addressed.email = given.email order by given.place""",
        [line["email"] for line in values],
    )
    return [(row[0], row[1]) for row in rows]


LIST = List(
    "candidates",
    COLUMNS,
    judge,
    carry_out,
    keys=(("reference",), ("email",)),
    add_all=add_all,
    fields_of={CandidateEmailKnown: "email"},
)
