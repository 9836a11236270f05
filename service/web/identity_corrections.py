"""A date of birth or an email address is corrected, as the candidate asks for it; and the links of those letters."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from assessments.refusals import CandidateEmailKnown
from service import auth, rectification_readings, rectifications
from service.db import Database
from service.provide import Db, Now, Words
from service.refusals import AccountKnown, LinkSpent, RectifiedTooOften
from service.settings import secret
from service.web.accounts import ADDRESS, WRONG_ADDRESS
from service.web.corrected import WRONG_DATE, Address, BirthDate, day_of
from service.web.declined import sentence
from service.web.look import render
from service.web.sign_in import UNTOLD


@get("/privacy/identity", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def mine(me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """What I asked to be corrected, and the two forms."""
    return await _mine(request, db, auth.own(me.candidate_id), now)


@post("/privacy/birth-date", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def ask_birth_date(
    data: URLEncodedBody[BirthDate], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """My date of birth is another: a centre corrects it when it sees my identity document."""
    candidate_id, birth_date = auth.own(me.candidate_id), day_of(data.birth_date, now)
    if birth_date is None:
        errors = {"birth_date": words.gettext(WRONG_DATE)}
        return await _mine(
            request, db, candidate_id, now, status=422, errors=errors, form={"birth_date": data.birth_date}
        )
    try:
        async with db.transaction() as tx:
            await rectifications.ask_birth_date(tx, candidate_id, birth_date, by=me.id, now=now)
    except RectifiedTooOften as often:
        return await _mine(request, db, candidate_id, now, status=429, errors={"": sentence(words, type(often))})
    return Redirect("/privacy/identity", status_code=303)


@post("/privacy/address", include_in_schema=False, guards=[auth.may("privacy", "readdress")])
async def ask_address(
    data: URLEncodedBody[Address],
    me: auth.Me,
    request: Request[Any, Any, Any],
    db: Db,
    now: Now,
    words: Words,
    state: State,
) -> Response[Any]:
    """My address is another: a link goes there, whether anybody has it already or not."""
    candidate_id, email = auth.own(me.candidate_id), data.email.strip()
    if not ADDRESS.fullmatch(email):
        errors = {"email": words.gettext(WRONG_ADDRESS)}
        return await _mine(request, db, candidate_id, now, status=422, errors=errors, form={"email": data.email})
    key = secret(state.settings)
    try:
        async with db.transaction() as tx:
            await rectifications.ask_address(
                tx, candidate_id, email, rectification_id=uuid4(), key=key, by=me.id, now=now
            )
    except RectifiedTooOften as often:
        return await _mine(request, db, candidate_id, now, status=429, errors={"": sentence(words, type(often))})
    return Redirect("/privacy/identity", status_code=303)


@post("/privacy/address/kept", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def keep_address(me: auth.Me, db: Db, now: Now) -> Redirect:
    """I keep the one I have, whoever asked for another one."""
    async with db.transaction() as tx:
        await rectifications.take_back(tx, auth.own(me.candidate_id), now=now)
    return Redirect("/privacy/identity", status_code=303)


@get(
    "/address/{token:str}",
    include_in_schema=False,
    guards=[auth.may("privacy", "confirm_address")],
    sync_to_thread=False,
)
def confirm_page(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """Only a button: programs that look into mails follow every link."""
    return render(request, "privacy/address.html", headers=UNTOLD, token=token, state="ask")


@post("/address/{token:str}", include_in_schema=False, guards=[auth.may("privacy", "confirm_address")], status_code=200)
async def confirm(token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """Whoever presses it reads the mail that goes there."""
    try:
        async with db.as_house().transaction() as tx:  # whoever holds the address: nobody has signed in
            await rectifications.confirm(tx, token, now=now)
    except LinkSpent:
        return render(request, "privacy/address.html", status=410, headers=UNTOLD, token="", state="spent")
    except (AccountKnown, CandidateEmailKnown):
        return render(request, "privacy/address.html", status=409, headers=UNTOLD, token="", state="known")
    return render(request, "privacy/address.html", headers=UNTOLD, token="", state="done")


@get(
    "/address/stop/{token:str}",
    include_in_schema=False,
    guards=[auth.may("privacy", "stop_address")],
    sync_to_thread=False,
)
def stop_page(token: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """Only a button, likewise."""
    return render(request, "privacy/address_kept.html", headers=UNTOLD, token=token, state="ask")


@post(
    "/address/stop/{token:str}", include_in_schema=False, guards=[auth.may("privacy", "stop_address")], status_code=200
)
async def stop(token: FromPath[str], request: Request[Any, Any, Any], db: Db, now: Now) -> Response[str]:
    """Whoever presses it reads the mail of the old address: it stays."""
    try:
        async with db.as_house().transaction() as tx:  # whoever holds the address: nobody has signed in
            await rectifications.stop(tx, token, now=now)
    except LinkSpent:
        return render(request, "privacy/address_kept.html", status=410, headers=UNTOLD, token="", state="spent")
    return render(request, "privacy/address_kept.html", headers=UNTOLD, token="", state="done")


async def _mine(
    request: Request[Any, Any, Any],
    db: Database,
    candidate_id: UUID,
    now: datetime,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
) -> Response[str]:
    async with db.read() as tx:
        waiting = await rectification_readings.waiting(tx, candidate_id, now=now)
    return render(
        request,
        "privacy/identity.html",
        status=status,
        waiting=waiting,
        errors=errors or {},
        form={"birth_date": "", "email": ""} | (form or {}),
        is_fresh=auth.is_fresh(request),
    )


HANDLERS = [
    mine,
    ask_birth_date,
    ask_address,
    keep_address,
    confirm_page,
    confirm,
    stop_page,
    stop,
]
