"""Checking a certificate: anyone with its code learns whether it is valid; the holder's name only who holds the paper.

No address holds anything personal. What cannot be a code is answered like a code nobody ever issued: not found.
"""

import hashlib
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from certificates import codes, documents, register
from certificates.register import Certificate, Proof
from service import auth, tries
from service.accounts import Account
from service.provide import Db
from service.refusals import NotFound
from service.web.look import render

UNLISTED = {"X-Robots-Tag": "noindex"}
GUESSES, DAY = 5, 86_400  # a serial number is short: so few may be wrong in a day, for each certificate


class Held(Struct, frozen=True, forbid_unknown_fields=True):
    """The number printed on the certificate."""

    serial: Annotated[str, Meta(max_length=100)]


@get("/certificates", include_in_schema=False, guards=[auth.may("results", "verify")], sync_to_thread=False)
def ask(request: Request[Any, Any, Any]) -> Response[Any]:
    """One field: the code. It leads to the certificate's own address."""
    typed = str(request.query_params.get("code") or "")
    if not typed.strip():
        return render(request, "certificates/ask.html", headers=UNLISTED, typed="", is_mistyped=False)
    code = codes.normalise(typed)
    if code is None:
        return _mistyped(request, typed)
    return Redirect(f"/certificates/{code}", status_code=303)


@get("/certificates/{code:str}", include_in_schema=False, guards=[auth.may("results", "verify")])
async def check(code: FromPath[str], request: Request[Any, Any, Any], db: Db) -> Response[Any]:
    """Valid, suspended, withdrawn, or unknown."""
    known = codes.normalise(code)
    if known is None:
        return _mistyped(request, code)
    return await _page(request, db, known)


@post(
    "/certificates/{code:str}/holder", include_in_schema=False, guards=[auth.may("results", "verify")], status_code=200
)
async def holder(
    code: FromPath[str], data: URLEncodedBody[Held], request: Request[Any, Any, Any], db: Db, state: State
) -> Response[Any]:
    """The holder's name, in the answer only, for who reads the serial number from the certificate."""
    known = codes.normalise(code)
    if known is None:
        return _mistyped(request, code)
    what = f"holder:{hashlib.sha256(known.encode()).hexdigest()}"
    if await tries.count(state.running, what, seconds=DAY) > GUESSES:
        return await _page(request, db, known, serial=data.serial, is_closed=True)
    async with db.read() as tx:
        name = await register.holder(tx, known, data.serial)
    if name is not None:
        await tries.forgive(state.running, what)
    return await _page(request, db, known, serial=data.serial, name=name, is_wrong=name is None)


@get(
    "/certificates/{certificate_id:uuid}/document.pdf",
    include_in_schema=False,
    guards=[auth.may("results", "document")],
)
async def document(certificate_id: FromPath[UUID], me: auth.Me, db: Db) -> Response[bytes]:
    """The PDF, for its holder and the centre that issued it; for everyone else it does not exist."""
    async with db.read() as tx:
        certificate = await register.get(tx, certificate_id)
        if not _may_read(me, certificate):
            raise NotFound
        pdf = await documents.get(tx, certificate.id)
    if pdf is None:
        raise NotFound
    named = f'attachment; filename="{certificate.serial}.pdf"'
    return Response(pdf, media_type="application/pdf", headers={"Content-Disposition": named, **UNLISTED})


def _may_read(me: Account, certificate: Certificate) -> bool:
    if me.role == "candidate":
        return me.candidate_id == certificate.candidate_id
    return me.role == "manager" and me.centre_id == certificate.centre_id


def _mistyped(request: Request[Any, Any, Any], typed: str) -> Response[str]:
    shown = typed[: codes.LONGEST_INPUT]
    return render(request, "certificates/ask.html", status=404, headers=UNLISTED, typed=shown, is_mistyped=True)


async def _page(
    request: Request[Any, Any, Any],
    db: Db,
    code: str,
    *,
    serial: str = "",
    name: str | None = None,
    is_wrong: bool = False,
    is_closed: bool = False,
) -> Response[str]:
    async with db.read() as tx:
        proof: Proof | None = await register.proof(tx, code)
    status = 404 if proof is None else 429 if is_closed else 422 if is_wrong else 200
    said = {
        "proof": proof,
        "code": code,
        "serial": serial,
        "holder_name": name,
        "is_wrong": is_wrong,
        "is_closed": is_closed,
    }
    return render(request, "certificates/one.html", status=status, headers=UNLISTED, **said)


HANDLERS = [ask, check, holder, document]
