"""What we call somebody and how we reach them, corrected by themselves (GDPR, art. 16)."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct, structs

from assessments import candidates
from assessments.candidates import Candidate, Details
from assessments.refusals import NameUnreadable
from service import auth, versions
from service.i18n import LANGUAGES, N_
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

Line = Annotated[str, Meta(max_length=100)]
MISSING = N_("Write your name")


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    given_name: Line = ""
    family_name: Line = ""
    phone: Line = ""
    municipality: Line = ""
    language: Annotated[str, Meta(pattern=r"^(fr|nl|en|de)$(?!\n)", max_length=2)] = "fr"
    version: versions.Version = ""


@get("/privacy/details", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def page(me: auth.Me, request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """What is on record, to correct."""
    async with db.read() as tx:
        known = await candidates.get(tx, auth.own(me.candidate_id))
    return _page(request, _form(known), {})


@post("/privacy/details", include_in_schema=False, guards=[auth.may("privacy", "correct")])
async def correct(
    data: URLEncodedBody[Form], me: auth.Me, request: Request[Any, Any, Any], db: Db, now: Now, words: Words
) -> Response[Any]:
    """Correct it. Certificates that were issued keep the name they were issued to."""
    form = Form(**{name: value.strip() for name, value in structs.asdict(data).items()})
    errors = {name: words.gettext(MISSING) for name in ("given_name", "family_name") if not getattr(form, name)}
    if errors:
        return _page(request, form, errors, status=422)
    details = Details(
        form.given_name,
        form.family_name,
        form.phone or None,
        form.municipality or None,
        form.language,  # type: ignore[arg-type]
    )
    candidate_id = auth.own(me.candidate_id)
    with Declined() as no:
        async with db.transaction() as tx:
            known = await candidates.hold(tx, candidate_id)
            if versions.is_stale(form.version, known.details):
                return _page(request, _form(known), {"": words.gettext(versions.CHANGED)}, status=412)
            await candidates.correct(tx, candidate_id, details, by=me.id, now=now)
    if no.refusal is None:
        return Redirect("/privacy#details", status_code=303)
    return _page(request, form, no.errors(words, {NameUnreadable: "given_name"}), status=no.status)


def _form(known: Candidate) -> Form:
    said = known.details
    version = versions.of_form(said)
    return Form(said.given_name, said.family_name, said.phone or "", said.municipality or "", said.language, version)


def _page(request: Request[Any, Any, Any], form: Form, errors: dict[str, str], *, status: int = 200) -> Response[str]:
    return render(
        request, "privacy/details.html", status=status, form=form, errors=errors, languages=list(LANGUAGES.items())
    )


HANDLERS = [page, correct]
