"""A list of assessors with the trades they are qualified for. Its key is the other system's reference, or the mail
address. An account is not made of it: that is an administrator's."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

import asyncpg
from msgspec import structs

from assessments import assessors, qualifications
from assessments.qualifications import Qualification
from assessments.refusals import AssessorEmailKnown, QualificationOverlaps
from service.i18n import BRUSSELS, N_
from service.import_lines import Finding
from service.importing import choices, fields, lines
from service.importing.candidates import COLUMNS as CANDIDATES
from service.importing.candidates import SPOKEN
from service.importing.fields import Column
from service.importing.lines import Done, Found, List, Scope, Values

BY_NAME = {column.name: column for column in CANDIDATES}
ROLES: tuple[tuple[str, Literal["evaluator", "observer"]], ...] = (
    ("evaluator_for", "evaluator"),
    ("observer_for", "observer"),
)
COLUMNS = (
    BY_NAME["reference"],
    structs.replace(BY_NAME["email"], example="samir@example.org"),
    structs.replace(BY_NAME["given_name"], example="Samir"),
    structs.replace(BY_NAME["family_name"], example="Ouhadi"),
    Column(
        "languages",
        N_("Languages"),
        N_("In which they can assess: %(values)s, with commas between. Programs may write the codes %(codes)s."),
        choices.several_of(SPOKEN),
        "fr nl",
        required=True,
        say=choices.said,
        choices=SPOKEN,
    ),
    Column("employer", N_("Employer"), N_("Where they work otherwise."), fields.words_of(120), "Bati SA"),
    Column(
        "of_centre",
        N_("Works for the centre"),
        N_("yes or no. An observer comes from outside."),
        fields.yes_no,
        "no",
        say=fields.yes_no_said,
    ),
    Column(
        "evaluator_for",
        N_("Evaluator for"),
        N_("Codes of trades, with spaces between. Trades are added, none is taken away."),
        fields.codes,
        "MACO CARR",
    ),
    Column(
        "observer_for",
        N_("Observer for"),
        N_("Codes of trades, with spaces between. Trades are added, none is taken away."),
        fields.codes,
        "",
    ),
    Column(
        "qualified_from",
        N_("Qualified from"),
        N_("First day, for trades that are added; empty: today."),
        fields.day,
        "2026-01-01",
        say=fields.day_said,
    ),
    Column(
        "qualified_until",
        N_("Qualified until"),
        N_("Last day, for trades that are added; empty: no end."),
        fields.day,
        "",
        say=fields.day_said,
    ),
)
COMPARED = ("reference", "email", "given_name", "family_name", "languages", "employer", "of_centre")


async def judge(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Found]:
    """Find them, and what differs. Whom another centre employs is not for this one to change."""
    trades = await _trades(tx, values)
    known = await _known(tx, values, scope)
    return [_found(line, known.get(place), trades, scope) for place, line in enumerate(values, start=1)]


async def _trades(tx: asyncpg.Connection, values: Sequence[Values]) -> dict[str, UUID]:
    """Those that are named, by their codes."""
    named = {code for line in values for column, _ in ROLES for code in line.get(column, ())}
    rows = await tx.fetch("select code, id from assessments.trades where code = any ($1::text[])", list(named))
    return {row["code"]: row["id"] for row in rows}


def _found(values: Values, known: dict[str, Any] | None, trades: dict[str, UUID], scope: Scope) -> Found:
    findings = [
        Finding(column, code, "unknown_trade")
        for column, _ in ROLES
        for code in values.get(column, ())
        if code not in trades
    ]
    if values.get("qualified_until", date.max) < values.get("qualified_from", _today(scope)):
        shown = fields.shown(values["qualified_until"])
        findings.append(Finding("qualified_until", shown, "ends_before"))
    if known is None:
        return Found(findings=tuple(findings))
    if not known["within"]:
        return Found(findings=(Finding("email", values["email"], "known_elsewhere"),))
    changes = lines.changes_of(values, {name: known[name] for name in COMPARED})
    if "of_centre" in changes and known["has_seats"]:
        findings.append(Finding("of_centre", fields.shown(values["of_centre"]), "of_centre_fixed"))
    for column, role in ROLES:
        has = tuple(known[role])
        wanted = tuple(sorted({*has, *values.get(column, ())}))
        if wanted != has:
            changes[column] = (fields.shown(has), fields.shown(wanted))
    return Found(known["id"], changes, tuple(findings))


def _today(scope: Scope) -> date:
    return scope.now.astimezone(BRUSSELS).date()


async def _known(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> dict[int, dict[str, Any]]:
    """By the place of the line. `within`: the centre's own people, and those from outside whom it brought; an
    administrator knows everybody."""
    rows = await tx.fetch(
        """with addressed as materialized (
               select lower(email) as email, id from assessments.assessors
               where lower(email) = any ($2::text[]) and retired_at is null),
           found as materialized (
               select given.place, coalesce(
                   (select n.id from assessments.assessors n where n.id = given.named and n.retired_at is null),
                   addressed.id) as id
               from unnest($1::uuid[], $2::text[]) with ordinality given (named, email, place)
               left join addressed on addressed.email = given.email)
           select found.place, a.id, lower(a.email) as email, a.given_name, a.family_name, a.employer,
                  array(select l from unnest(a.languages) l order by l) as languages,
                  coalesce(a.centre_id = $4, false) as of_centre, coalesce(x.reference, a.id::text) as reference,
                  $3 or a.centre_id = $4 or (a.centre_id is null and x.reference is not null) as within,
                  exists (select from scheduling.jury_seats j
                          where j.assessor_id = a.id and j.released_at is null and upper(j.during) > $5) as has_seats,
                  array(select distinct t.code from assessments.qualifications q
                        join assessments.trades t on t.id = q.trade_id
                        where q.assessor_id = a.id and q.role = 'evaluator' and not q.valid << daterange($6, null)
                        order by 1) as evaluator,
                  array(select distinct t.code from assessments.qualifications q
                        join assessments.trades t on t.id = q.trade_id
                        where q.assessor_id = a.id and q.role = 'observer' and not q.valid << daterange($6, null)
                        order by 1) as observer
           from found join assessments.assessors a on a.id = found.id
           left join service.external_references x
               on x.kind = 'assessors' and x.centre_id = $4 and x.subject_id = a.id""",
        await lines.named_before(tx, values, scope),
        [line["email"] for line in values],
        scope.everywhere,
        scope.centre_id,
        scope.now,
        _today(scope),
    )
    return {row["place"]: {**row, "languages": tuple(row["languages"])} for row in rows}


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> Done:
    """Register or amend them, and qualify them for trades that are new. Refuses AssessorEmailKnown."""
    if found.subject_id is None:
        return (await add_all(tx, [values], scope))[0]
    before = await assessors.get(tx, found.subject_id)
    of_centre = values.get("of_centre")
    await assessors.amend(
        tx,
        before.id,
        given_name=values["given_name"],
        family_name=values["family_name"],
        email=values["email"],
        languages=list(values["languages"]),
        employer=values.get("employer", before.employer),
        centre_id=before.centre_id if of_centre is None else (scope.centre_id if of_centre else None),
    )
    await _qualify(tx, before.id, values, scope)
    await lines.name(tx, values, before.id, scope, is_new=False)
    return before.id, []


async def add_all(tx: asyncpg.Connection, values: Sequence[Values], scope: Scope) -> list[Done]:
    """Register them, and qualify them. Refuses AssessorEmailKnown, and then all of them."""
    trades = await _trades(tx, values)
    ids = await assessors.register_all(tx, await _registrations(tx, values, scope), now=scope.now)
    await qualifications.qualify_all(
        tx,
        [
            Qualification(assessor_id, trades[code], role, _first_day(line, scope), line.get("qualified_until"))
            for line, assessor_id in zip(values, ids, strict=True)
            for column, role in ROLES
            for code in line.get(column, ())
        ],
    )
    await lines.name_all(tx, values, ids, scope)
    return [(each, []) for each in ids]


async def _registrations(
    tx: asyncpg.Connection, values: Sequence[Values], scope: Scope
) -> list[assessors.Registration]:
    """With the id of the candidate who has this address: one person keeps one id."""
    rows = await tx.fetch(
        """select lower(email) as email, id from assessments.candidates
           where lower(email) = any ($1::text[]) and erased_at is null""",
        [line["email"] for line in values],
    )
    candidates = {row["email"]: row["id"] for row in rows}
    return [
        assessors.Registration(
            candidates.get(line["email"]),
            line["given_name"],
            line["family_name"],
            line["email"],
            line["languages"],
            line.get("employer"),
            scope.centre_id if line.get("of_centre") else None,
        )
        for line in values
    ]


def _first_day(values: Values, scope: Scope) -> date:
    return values.get("qualified_from") or _today(scope)


async def _qualify(tx: asyncpg.Connection, assessor_id: UUID, values: Values, scope: Scope) -> None:
    for column, role in ROLES:
        rows = await tx.fetch(
            """select t.id from assessments.trades t where t.code = any ($2::text[]) and not exists (
                   select from assessments.qualifications q where q.assessor_id = $1 and q.trade_id = t.id
                     and q.role = $3 and not q.valid << daterange($4, null))""",
            assessor_id,
            list(values.get(column, ())),
            role,
            _today(scope),
        )
        first, last = _first_day(values, scope), values.get("qualified_until")
        await qualifications.qualify_all(tx, [Qualification(assessor_id, row["id"], role, first, last) for row in rows])


LIST = List(
    "assessors",
    COLUMNS,
    judge,
    carry_out,
    keys=(("reference",), ("email",)),
    add_all=add_all,
    fields_of={AssessorEmailKnown: "email", QualificationOverlaps: "qualified_from"},
)
