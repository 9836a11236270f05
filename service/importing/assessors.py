"""A list of assessors with the trades they are qualified for. Its key is the other system's reference, or the mail
address. An account is not made of it: that is an administrator's."""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import structs

from assessments import assessors, qualifications
from assessments.refusals import AssessorEmailKnown, QualificationOverlaps
from service.i18n import BRUSSELS, N_
from service.import_lines import Finding
from service.importing import fields, lines
from service.importing.candidates import COLUMNS as CANDIDATES
from service.importing.fields import Column
from service.importing.lines import Found, List, Scope, Values

BY_NAME = {column.name: column for column in CANDIDATES}
ROLES = (("evaluator_for", "evaluator"), ("observer_for", "observer"))
COLUMNS = (
    BY_NAME["reference"],
    structs.replace(BY_NAME["email"], example="samir@example.org"),
    structs.replace(BY_NAME["given_name"], example="Samir"),
    structs.replace(BY_NAME["family_name"], example="Ouhadi"),
    Column(
        "languages",
        N_("Languages"),
        N_("In which they can assess: fr, nl, en, de, with spaces between."),
        fields.several_of("fr", "nl", "en", "de"),
        "fr nl",
        required=True,
    ),
    Column("employer", N_("Employer"), N_("Where they work otherwise."), fields.words_of(120), "Bati SA"),
    Column(
        "of_centre",
        N_("Works for the centre"),
        N_("yes or no. An observer comes from outside."),
        fields.yes_no,
        "no",
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
    ),
    Column(
        "qualified_until",
        N_("Qualified until"),
        N_("Last day, for trades that are added; empty: no end."),
        fields.day,
        "",
    ),
)
COMPARED = ("reference", "email", "given_name", "family_name", "languages", "employer", "of_centre")


async def judge(tx: asyncpg.Connection, values: Values, scope: Scope) -> Found:
    """Find them, and what differs. Whom another centre employs is not for this one to change."""
    findings = [
        Finding(column, code, "unknown_trade")
        for column, _ in ROLES
        for code in values.get(column, ())
        if not await tx.fetchval("select exists (select from assessments.trades where code = $1)", code)
    ]
    if values.get("qualified_until", date.max) < values.get("qualified_from", _today(scope)):
        shown = fields.shown(values["qualified_until"])
        findings.append(Finding("qualified_until", shown, "ends_before"))
    known = await _known(tx, values, scope)
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


async def _known(tx: asyncpg.Connection, values: Values, scope: Scope) -> dict[str, Any] | None:
    """`within`: the centre's own people, and those from outside whom it brought; an administrator knows everybody."""
    named = await lines.named_before(tx, values, scope) or lines.own_id(values)
    row = await tx.fetchrow(
        """select a.id, lower(a.email) as email, a.given_name, a.family_name, a.employer,
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
           from assessments.assessors a
           left join service.external_references x
               on x.kind = 'assessors' and x.centre_id = $4 and x.subject_id = a.id
           where a.retired_at is null and (a.id = $1 or lower(a.email) = $2)
           order by (a.id = $1) desc limit 1""",
        named,
        values["email"],
        scope.everywhere,
        scope.centre_id,
        scope.now,
        _today(scope),
    )
    return {**row, "languages": tuple(row["languages"])} if row else None


async def carry_out(tx: asyncpg.Connection, values: Values, found: Found, scope: Scope) -> tuple[UUID, list[Finding]]:
    """Register or amend them, and qualify them for trades that are new. Refuses AssessorEmailKnown."""
    before = await assessors.get(tx, found.subject_id) if found.subject_id else None
    of_centre = values.get("of_centre")
    who: dict[str, Any] = {
        "given_name": values["given_name"],
        "family_name": values["family_name"],
        "email": values["email"],
        "languages": list(values["languages"]),
        "employer": values.get("employer", before.employer if before else None),
        "centre_id": (before.centre_id if before else None)
        if of_centre is None
        else (scope.centre_id if of_centre else None),
    }
    if before is None:
        same = await tx.fetchval(
            "select id from assessments.candidates where lower(email) = $1 and erased_at is null", values["email"]
        )
        assessor_id = await assessors.register(tx, **who, assessor_id=same, now=scope.now)
    else:
        assessor_id = before.id
        await assessors.amend(tx, assessor_id, **who)
    await _qualify(tx, assessor_id, values, scope)
    await lines.name(tx, values, assessor_id, scope, is_new=found.subject_id is None)
    return assessor_id, []


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
        for row in rows:
            await qualifications.qualify(
                tx,
                assessor_id,
                row["id"],
                role,  # type: ignore[arg-type]
                first_day=values.get("qualified_from", _today(scope)),
                last_day=values.get("qualified_until"),
            )


LIST = List(
    "assessors",
    COLUMNS,
    judge,
    carry_out,
    keys=(("reference",), ("email",)),
    fields_of={AssessorEmailKnown: "email", QualificationOverlaps: "qualified_from"},
)
