"""Guidance meetings, as an accredited centre notes them: who needs one before another attempt, and anybody who came."""

from typing import Annotated, Any, get_args
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from assessments.enrolments import Advice
from service import auth, desk, guidance
from service.accounts import Account
from service.db import Database
from service.i18n import N_
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.declined import Declined
from service.web.look import render

ADVICE: dict[str, str] = {
    "favourable": N_("Ready for the test"),
    "reserved": N_("Ready, with some practice"),
    "unfavourable": N_("Practise first"),
}
Asked = Annotated[str | None, QueryParameter(max_length=40)]
Short = Annotated[str, Meta(max_length=40)]


class Meeting(Struct, frozen=True, forbid_unknown_fields=True):
    """`enrolment`: a file of the list; without one, the address and the unit of whoever came."""

    centre: Short = ""
    enrolment: Short = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    unit: Short = ""
    advice: Short = ""


@get("/centre/guidance", include_in_schema=False, guards=[auth.may("guidance", "list")])
async def list_page(
    request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, centre: Asked = None, noted: Asked = None
) -> Response[Any]:
    """Who cannot book before they are guided, and the form for everybody else."""
    if me.centre_id is None and not centre:
        return Redirect("/centres", status_code=303)
    return await _page(request, db, me, Meeting(centre=centre or ""), now, is_noted=noted is not None)


@post("/centre/guidance", include_in_schema=False, guards=[auth.may("guidance", "note")])
async def note(
    data: URLEncodedBody[Meeting], request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words
) -> Response[Any]:
    """The meeting took place: they can book again."""
    async with db.read() as tx:
        here = await desk.centre(tx, me, data.centre)
    errors = _missing(data, words)
    if errors:
        return await _page(request, db, me, data, now, errors)
    with Declined() as no:
        try:
            async with db.as_house().transaction() as tx:  # failures count in every centre; the verb knows this one
                await _noted(tx, here.id, data, me, now)
        except NotFound:
            if data.enrolment:
                raise
            errors = {
                "email": words.gettext(N_("We know no candidate with this address. Ask them which one they use here."))
            }
            return await _page(request, db, me, data, now, errors)
    if no.refusal is None:
        aside = "" if me.centre_id else f"&centre={here.code}"
        return Redirect(f"/centre/guidance?noted=yes{aside}", status_code=303)
    return await _page(request, db, me, data, now, no.errors(words))


async def _noted(tx: Any, centre_id: UUID, data: Meeting, me: Account, now: Now) -> None:
    advice: Any = data.advice
    if not data.enrolment:
        email = data.email.strip().lower()
        await guidance.note_of_address(tx, centre_id, email, data.unit, advice, by=me.id, now=now)
        return
    try:
        enrolment_id = UUID(data.enrolment)
    except ValueError:
        raise NotFound from None
    await guidance.note(tx, centre_id, enrolment_id, advice, by=me.id, now=now)


def _missing(data: Meeting, words: Words) -> dict[str, str]:
    errors = {}
    if data.advice not in get_args(Advice):
        # Of a file of the list the advice is asked for beside its name.
        errors[f"advice-{data.enrolment}" if data.enrolment else "advice"] = words.gettext(N_("Choose the advice"))
    if not data.enrolment and "@" not in data.email:
        errors["email"] = words.gettext(N_("Type the email address that they use here"))
    if not data.enrolment and not data.unit:
        errors["unit"] = words.gettext(N_("Choose what the meeting was about"))
    return errors


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    form: Meeting,
    now: Now,
    errors: dict[str, str] | None = None,
    *,
    is_noted: bool = False,
) -> Response[str]:
    async with db.as_house().read() as tx:  # see service/guidance.py
        here = await desk.centre(tx, me, form.centre)
        files = await guidance.needed(tx, here.id, now=now)
        units = await guidance.guided_units(tx, here.id, now=now)
    return render(
        request,
        "centre/guidance.html",
        status=422 if errors else 200,
        centre=here,
        files=files,
        units=units,
        advice=ADVICE,
        form=form,
        errors=errors or {},
        is_noted=is_noted,
    )


HANDLERS = [list_page, note]
