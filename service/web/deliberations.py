"""A candidate's file after the test: the grids side by side, the jury's deliberation, the decision, its release."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from assessments import assessors, decisions, deliberations, entries, new_tests, recordings, standards
from assessments.agreement import Agreement
from assessments.marking import Outcome, Proposal
from assessments.refusals import MotivationMissing, NotFound, OutcomeOutvoted
from service import agenda, assessing, auth, desk, outcome_reach, reach, session_results
from service.accounts import Account
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Vote = Annotated[str, Meta(max_length=10)]
OUTCOMES: dict[str, Outcome] = {"pass": "pass", "fail": "fail"}
FIELDS: dict[type[Exception], str] = {MotivationMissing: "motivation", OutcomeOutvoted: "outcome"}
MISSING = {
    "evaluator": N_("The vote of the evaluator is missing"),
    "observer": N_("The vote of the observer is missing"),
    "manager": N_("The vote of the manager is missing"),
    "outcome": N_("Say which result the jury reached"),
}


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """Three votes, the outcome they carry, and the motivation."""

    evaluator: Vote = ""
    observer: Vote = ""
    manager: Vote = ""
    outcome: Vote = ""
    motivation: Annotated[str, Meta(max_length=10_000)] = ""


class File(Struct, frozen=True):
    """Everything about one candidate's test that the centre may read."""

    person: desk.Person
    line: agenda.SessionLine
    standard: standards.Standard
    grids: list[recordings.Recording]
    names: dict[UUID, str]
    corrections: list[entries.Correction]
    besides: list[entries.Noted]
    proposal: Proposal | None
    agreement: Agreement | None
    is_tied: bool
    annulled_at: datetime | None
    profile: decisions.Profile
    together: bool
    deliberation: deliberations.Deliberation | None
    decisions: list[decisions.Decision]
    certificate_id: UUID | None
    serial: str | None


@get("/centre/bookings/{booking_id:uuid}/deliberation", include_in_schema=False, guards=[auth.may("decisions", "file")])
async def file_page(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, words: Words
) -> Response[str]:
    """What the grids say and propose, and what has become of it; nothing of the grids before all are sealed."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    return await _page(request, db, booking_id, me, words)


@post(
    "/centre/bookings/{booking_id:uuid}/deliberation",
    include_in_schema=False,
    guards=[auth.may("decisions", "deliberate")],
)
async def deliberate(
    booking_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """Record what the jury decided, beside what the grid proposed."""
    async with db.read() as tx:
        await reach.runs_booking(tx, me, booking_id)
    missing = {name: words.gettext(said) for name, said in MISSING.items() if getattr(data, name) not in OUTCOMES}
    if missing:
        return await _page(request, db, booking_id, me, words, status=422, errors=missing, form=data)
    votes = deliberations.Votes(OUTCOMES[data.evaluator], OUTCOMES[data.observer], OUTCOMES[data.manager])
    with Declined() as no:
        async with db.transaction() as tx:
            await deliberations.record(
                tx,
                booking_id,
                votes=votes,
                outcome=OUTCOMES[data.outcome],
                motivation=data.motivation.strip(),
                by=me.id,
                now=now,
            )
    return await _after(request, db, booking_id, me, words, no, data)


@post(
    "/centre/bookings/{booking_id:uuid}/decision",
    include_in_schema=False,
    guards=[auth.may("decisions", "decide"), auth.decides],
)
async def decide(
    booking_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Take the certification decision: what the jury said, by somebody who did not examine."""
    with Declined() as no:
        async with db.transaction() as tx:
            await reach.runs_booking(tx, me, booking_id)
            await decisions.take(tx, booking_id, taken_by=auth.own(me.assessor_id), now=now)
    return await _after(request, db, booking_id, me, words, no)


@post(
    "/centre/decisions/{decision_id:uuid}/release",
    include_in_schema=False,
    guards=[auth.may("decisions", "release")],
)
async def release(
    decision_id: FromPath[UUID], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """Tell the candidate; a pass brings the certificate. Twice is once."""
    async with db.read() as tx:
        await outcome_reach.runs_decision(tx, me, decision_id)
        booking_id = (await decisions.get(tx, decision_id)).booking_id
    with Declined() as no:
        async with db.transaction() as tx:
            await decisions.release(tx, decision_id, by=me.id, now=now)
    return await _after(request, db, booking_id, me, words, no)


async def _after(
    request: Request[Any, Any, Any],
    db: Database,
    booking_id: UUID,
    me: Account,
    words: Words,
    no: Declined,
    form: Form | None = None,
) -> Response[Any]:
    if no.refusal is None:
        return Redirect(f"/centre/bookings/{booking_id}/deliberation", status_code=303)
    errors = no.errors(words, FIELDS)
    return await _page(request, db, booking_id, me, words, status=no.status, errors=errors, form=form)


async def _file(tx: asyncpg.Connection, booking_id: UUID) -> File:
    person = await desk.person(tx, booking_id)
    # The evaluators' columns first, on every file alike.
    grids = sorted(await recordings.of_booking(tx, booking_id), key=lambda one: one.role != "evaluator")
    is_open = recordings.unsealed(grids)
    reading = await deliberations.reading(tx, booking_id)
    certificate_id, serial = await desk.certificate_of(tx, booking_id) or (None, None)
    taken = await decisions.of_booking(tx, booking_id)
    rules = await session_results.rules(tx, person.session_id)
    involved = {one.assessor_id for one in grids} | {one.taken_by for one in taken}
    return File(
        person=person,
        line=await agenda.session(tx, person.session_id),
        standard=await standards.of_booking(tx, booking_id),
        grids=grids,
        names={assessor_id: (await assessors.get(tx, assessor_id)).name for assessor_id in involved},
        corrections=await entries.corrections(tx, booking_id) if is_open else [],
        besides=await entries.besides(tx, booking_id) if is_open else [],
        proposal=reading.proposal if reading else None,
        agreement=reading.agreement if reading else None,
        is_tied=await deliberations.jury_is_tied(tx, booking_id),
        annulled_at=await new_tests.granted_at(tx, booking_id),
        profile=rules.profile,
        together=rules.together and not any(one.released_at for one in taken),
        deliberation=await _deliberation(tx, booking_id),
        decisions=taken,
        certificate_id=certificate_id,
        serial=serial,
    )


async def _deliberation(tx: asyncpg.Connection, booking_id: UUID) -> deliberations.Deliberation | None:
    try:
        return await deliberations.of_booking(tx, booking_id)
    except NotFound:
        return None


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    booking_id: UUID,
    me: Account,
    words: Words,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: Form | None = None,
) -> Response[str]:
    async with db.read() as tx:
        file = await _file(tx, booking_id)
    grid = file.standard.content.grid
    read = file.grids if file.proposal else []
    differing = {one.indicator for one in file.proposal.disagreements} if file.proposal else set()
    columns = [one.ratings for one in read]
    return render(
        request,
        "deliberations/file.html",
        status=status,
        errors=errors or {},
        form=structs.asdict(form or Form()),
        file=file,
        read=read,
        labels=assessing.labels(grid, words),
        differing=assessing.side_by_side(grid.criteria, columns, words, only=differing),
        everything=assessing.side_by_side(grid.criteria, columns, words),
        check_list=assessing.check_list(grid.conformity, _of_observer(read), words),
        can_decide=me.assessor_id is not None,
    )


def _of_observer(read: list[recordings.Recording]) -> Any:
    return next((one.ratings for one in read if one.role == "observer"), ())


HANDLERS = [file_page, deliberate, decide, release]
