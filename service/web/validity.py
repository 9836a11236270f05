"""What is valid and until when: what lapses in ninety days, what that breaks, the papers behind it, and new records."""

import base64
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody
from litestar.response import Redirect

from assessments import accreditations, documents, qualifications, trades, undertakings
from assessments.standard_refusals import DocumentUnusable
from scheduling import centres
from service import auth, fields, reach, validity, validity_chart
from service.accounts import Account
from service.db import Database
from service.i18n import BRUSSELS, N_
from service.i18n import Words as Language
from service.planners import identifier
from service.provide import Db, Now, Words
from service.refusals import NotFound
from service.web.declined import Declined
from service.web.look import render

BODY = documents.LARGEST + 100_000
WRONG_DAYS = N_("Give a first and a last day, the last one not before the first")
NEW = "new."  # both forms stand on one page
DATED = {"first_day", "last_day", "file"}
RECORD = {"kind", "role", "assessor_id", "trade_id", "statement", *DATED}
ACCREDITATION = {"centre_id", "trade_id", "reference", *DATED}
CHOOSE = N_("Choose from the list")


@get("/centre/validity", include_in_schema=False, guards=[auth.may("validity", "list")])
async def page(request: Request[Any, Any, Any], me: auth.Me, db: Db, now: Now, words: Words) -> Response[str]:
    """The picture, the table, and the forms for what was renewed."""
    return await _page(request, db, me, now, words)


@post("/centre/validity", include_in_schema=False, guards=[auth.may("validity", "record")], request_max_body_size=BODY)
async def record(
    data: MultipartBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """A qualification of an assessor, or what they signed; with its paper."""
    sent = data.of(RECORD)
    kind, role = _text(sent, "kind"), _text(sent, "role")
    first, last, errors = _days(sent, words, last_needed=False)
    assessor_id, trade_id = identifier(_text(sent, "assessor_id")), identifier(_text(sent, "trade_id"))
    if assessor_id is None:
        errors["assessor_id"] = words.gettext(CHOOSE)
    if kind not in ("qualification", "interest", "confidentiality"):
        errors["kind"] = words.gettext(CHOOSE)
    if kind == "qualification" and (trade_id is None or role not in ("evaluator", "observer")):
        errors["trade_id"] = words.gettext(N_("Choose the trade and the role of the qualification"))
    no = Declined()
    if not errors and first is not None and assessor_id is not None:
        with no:
            async with db.transaction() as tx:
                await reach.answers_for_assessor(tx, me, assessor_id)
                document_id = await _paper(tx, sent, me, now)
                if kind == "qualification" and trade_id is not None:
                    await _known(tx, trade_id)
                    await qualifications.qualify(
                        tx, assessor_id, trade_id, "evaluator" if role == "evaluator" else "observer",
                        first_day=first, last_day=last, document_id=document_id, by=me.id, now=now,
                    )  # fmt: skip
                else:
                    await undertakings.record(
                        tx, assessor_id, "interest" if kind == "interest" else "confidentiality", first_day=first,
                        last_day=last, statement=_text(sent, "statement")[:2000], document_id=document_id, by=me.id,
                        now=now,
                    )  # fmt: skip
    return await _answer(request, db, me, now, words, sent, errors, no)


@post(
    "/centre/validity/accreditations",
    include_in_schema=False,
    guards=[auth.may("validity", "accredit")],
    request_max_body_size=BODY,
)
async def accredit(
    data: MultipartBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """An accreditation of a centre for a trade, with its paper; its fields begin with "new."."""
    typed = data.of({f"{NEW}{name}" for name in ACCREDITATION})
    sent = {name.removeprefix(NEW): value for name, value in typed.items()}
    first, last, errors = _days(sent, words, last_needed=True)
    centre_id, trade_id = identifier(_text(sent, "centre_id")), identifier(_text(sent, "trade_id"))
    reference = _text(sent, "reference")[:100]
    for name, value in (("centre_id", centre_id), ("trade_id", trade_id)):
        if value is None:
            errors[name] = words.gettext(CHOOSE)
    if not reference:
        errors["reference"] = words.gettext(N_("Write the reference of the accreditation"))
    no = Declined()
    if not errors and first and last and centre_id and trade_id:
        with no:
            async with db.transaction() as tx:
                await centres.get(tx, centre_id)
                await _known(tx, trade_id)
                document_id = await _paper(tx, sent, me, now)
                await accreditations.grant(
                    tx, centre_id, trade_id, first_day=first, last_day=last, reference=reference,
                    document_id=document_id, by=me.id, now=now,
                )  # fmt: skip
    return await _answer(request, db, me, now, words, typed, errors, no, prefix=NEW)


@get(
    "/centre/validity/documents/{document_id:uuid}",
    include_in_schema=False,
    guards=[auth.may("validity", "fetch")],
)
async def document(document_id: FromPath[UUID], me: auth.Me, db: Db) -> Response[bytes]:
    """The paper as it came, to save: never shown inside a page of ours."""
    async with db.read() as tx:
        await validity.in_reach(tx, document_id, None if me.role == "administrator" else auth.own(me.centre_id))
        found = await documents.get(tx, document_id)
    if found.content is None:
        raise NotFound
    ascii_name = found.name.encode("ascii", "replace").decode().replace("?", "_")
    headers = {
        "Content-Disposition": f'attachment; filename="{ascii_name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
        "Repr-Digest": f"sha-256=:{_base64(found.sha256)}:",
    }
    return Response(found.content, media_type=found.media_type, headers=headers)


@get("/validity", include_in_schema=False, guards=[auth.may("validity", "own")])
async def mine(request: Request[Any, Any, Any], me: auth.Me, db: Db) -> Response[str]:
    """What is on record about me as an assessor, with the hashes of the papers."""
    async with db.read() as tx:
        rows = await validity.of_assessor(tx, auth.own(me.assessor_id))
    return render(request, "validity/mine.html", rows_of=rows)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _days(
    data: dict[str, Any], words: Language, *, last_needed: bool
) -> tuple[date | None, date | None, dict[str, str]]:
    first, last = _day(_text(data, "first_day")), _day(_text(data, "last_day"))
    is_open = not last_needed and not _text(data, "last_day")
    if first is None or (last is None and not is_open) or (last is not None and last < first):
        return first, last, {"first_day": words.gettext(WRONG_DAYS)}
    return first, last, {}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


async def _known(tx: asyncpg.Connection, trade_id: UUID) -> None:
    if trade_id not in {trade.id for trade in await trades.every(tx)}:
        raise NotFound


async def _paper(tx: asyncpg.Connection, data: dict[str, Any], me: Account, now: datetime) -> UUID | None:
    """The paper that was sent with it; None when none was chosen."""
    file = data.get("file")
    body = await file.read(documents.LARGEST + 1) if isinstance(file, UploadFile) else b""
    if not body or not isinstance(file, UploadFile):
        return None
    return await documents.keep(tx, file.filename, body, by=me.id, now=now)


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()


async def _answer(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    now: datetime,
    words: Language,
    data: dict[str, Any],
    errors: dict[str, str],
    no: Declined,
    *,
    prefix: str = "",
) -> Response[Any]:
    if not errors and no.refusal is None:
        return Redirect("/centre/validity?recorded=yes", status_code=303)
    met = errors | no.errors(words, {DocumentUnusable: "file"})
    said = {f"{prefix}{name}" if name else "": sentence for name, sentence in met.items()}
    status = no.status if no.refusal else 422
    typed = {name: value for name, value in data.items() if isinstance(value, str)}
    return await _page(request, db, me, now, words, status=status, errors=said, typed=typed)


async def _page(
    request: Request[Any, Any, Any],
    db: Database,
    me: Account,
    now: datetime,
    words: Language,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response[str]:
    centre_id = None if me.role == "administrator" else auth.own(me.centre_id)
    today = now.astimezone(BRUSSELS).date()
    async with db.read() as tx:
        found = await validity.lapses(tx, centre_id, now=now)
        people = await validity.people(tx, centre_id)
        every_trade, every_centre = await trades.every(tx), await centres.every(tx)
    return render(
        request,
        "validity/centre.html",
        status=status,
        lapses=found,
        chart=validity_chart.chart(found, words, today=today),
        today=today,
        people=people,
        trades=every_trade,
        centres=every_centre,
        fields=typed or {},
        errors=errors or {},
        recorded=request.query_params.get("recorded") == "yes",
    )


HANDLERS = [page, record, accredit, document, mine]
