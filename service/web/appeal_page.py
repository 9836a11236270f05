"""The page of one appeal, as it is shown and as it is shown again after a step that was not accepted."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from assessments import mediations
from service import dossiers, versions
from service.accounts import Account
from service.db import Database
from service.i18n import Words
from service.refusals import NotFound
from service.web.deadlines import told
from service.web.declined import Declined
from service.web.look import render

Short = Annotated[str, Meta(max_length=40)]
Written = Annotated[str, Meta(max_length=10_000)]
FIELDS = (
    "admissible",
    "reason",
    "assessor_id",
    "day",
    "at",
    "place",
    "led_by",
    "result",
    "note",
    "answer",
    "competences",
    "motivation",
)


async def page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    appeal_id: UUID,
    *,
    now: datetime,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: Struct | None = None,
) -> Response[str]:
    """What is objected to, how far it has come, and the steps that this reader can take. Refuses NotFound."""
    async with db.read() as tx:
        found = await dossiers.dossiers(tx, me, appeal_id)
        possible = await dossiers.possible_reviewers(tx, appeal_id) if me.role == "administrator" else []
        mediation = await mediations.of_appeal(tx, appeal_id)
        leader = await mediations.leader(tx, appeal_id)
    if not found:
        raise NotFound
    return render(
        request,
        "appeals/one.html",
        status=status,
        errors=errors or {},
        form=dict.fromkeys(FIELDS, "")
        | (structs.asdict(form) if form else {})
        | {"version": versions.of_form(mediation)},
        appeal=found[0],
        possible=possible,
        mediation=mediation,
        leader=leader,
        **told(now),
    )


async def after(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    appeal_id: UUID,
    no: Declined,
    words: Words,
    form: Struct,
    fields: dict[type[Exception], str],
    *,
    now: datetime,
) -> Response[Any]:
    """Back to the page; with what was typed, and why not, when the step was refused."""
    if no.refusal is None:
        return Redirect(f"/appeals/{appeal_id}", status_code=303)
    errors = no.errors(words, fields)
    return await page(request, db, me, appeal_id, now=now, status=no.status, errors=errors, form=form)
