"""Schemes: the rules of each kind of test, read by staff and changed by administrators."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from assessments import schemes
from assessments.grids import LANGUAGES
from assessments.schemes import Scheme
from assessments.standard_refusals import SchemeChanged
from service import auth, fields, standard_forms
from service.i18n import N_
from service.i18n import Words as Language
from service.provide import Db, Now, Words
from service.web.declined import Declined
from service.web.look import render

NUMBERS = {
    "evaluators_min": (1, 9),
    "observers_min": (0, 9),
    "minimum_age": (0, 99),
    "failures_before_guidance": (0, 9),
    "retake_wait_days": (0, 366),
    "appeal_days": (0, 366),
    "appeal_answer_days": (0, 366),
}
EUROS = ("fee_cents", "fee_cents_jobseeker")
SWITCHES = (
    "manager_required", "needs_accreditation", "issues_certificate", "release_together", "weighted", "interest_declared",
    "confidentiality_signed",
)  # fmt: skip
RESULTS = {
    "pass": N_("Passed"),
    "fail": N_("Not passed"),
    "profile": N_("A profile with scores"),
    "full-qualification": N_("Full qualification"),
    "part-qualification": N_("Part of a qualification"),
    "competences": N_("Competences"),
}
FIELDS = {
    "revision", *NUMBERS, *EUROS, *SWITCHES, *fields.in_languages("label"), "languages", "result_types", "decision_profile",
}  # fmt: skip
PROFILES = {
    "cvdc": N_("The manager decides, who neither evaluated nor observed"),
    "strict-17024": N_("Nobody of the jury decides (ISO/IEC 17024)"),
    "none": N_("Nobody decides: there are scores"),
}


@get("/schemes", include_in_schema=False, guards=[auth.may("schemes", "read")])
async def every(request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """The schemes side by side."""
    async with db.read() as tx:
        found = await schemes.every(tx)
    return render(request, "schemes/list.html", schemes=found, results=RESULTS, profiles=PROFILES)


@get("/schemes/{scheme:str}", include_in_schema=False, guards=[auth.may("schemes", "edit")])
async def one(scheme: FromPath[str], request: Request[Any, Any, Any], db: Db) -> Response[str]:
    """The rules of a scheme, to change."""
    async with db.read() as tx:
        found = await schemes.get(tx, scheme)
    return _page(request, found)


@post("/schemes/{scheme:str}", include_in_schema=False, guards=[auth.may("schemes", "edit")])
async def change(
    scheme: FromPath[str],
    data: URLEncodedBody[fields.Form],
    request: Request[Any, Any, Any],
    me: auth.Me,
    db: Db,
    now: Now,
    words: Words,
) -> Response[Any]:
    """What is done from now on follows the new rules; what was done stays."""
    async with db.read() as tx:
        found = await schemes.get(tx, scheme)
    said = data.of(FIELDS)
    typed, errors = _typed(said, found, words)
    no = Declined()
    if not errors:
        with no:
            async with db.transaction() as tx:
                await schemes.amend(tx, typed, by=me.id, now=now)
        if no.refusal is None:
            return Redirect(f"/schemes?changed={scheme}#{scheme}", status_code=303)
        if isinstance(no.refusal, SchemeChanged):
            async with db.read() as tx:
                found = await schemes.get(tx, scheme)
    errors = errors | no.errors(words)
    status = no.status if no.refusal else 422
    return _page(
        request, msgspec.structs.replace(typed, revision=found.revision), status=status, errors=errors, typed=said
    )


def _typed(data: dict[str, Any], found: Scheme, words: Language) -> tuple[Scheme, dict[str, str]]:
    """The scheme that a form describes, and the sentences about its fields."""
    reading = standard_forms.Reading(data, words)
    made: dict[str, Any] = {name: reading.number(name, *limits) for name, limits in NUMBERS.items()}
    made |= {name: _cents(reading, name) for name in EUROS}
    made |= {name: bool(reading.text(name)) for name in SWITCHES}
    made["label"] = reading.label("label")
    for language in LANGUAGES:
        if language not in made["label"]:
            reading.errors[f"label.{language}"] = words.gettext(N_("Write the name in all four languages"))
    made["languages"] = _chosen(reading, "languages", LANGUAGES)
    made["result_types"] = _chosen(reading, "result_types", (*RESULTS,))
    profile = reading.text("decision_profile")
    made["decision_profile"] = profile if profile in PROFILES else found.decision_profile
    if made["decision_profile"] == "none" and made["issues_certificate"]:
        reading.errors["issues_certificate"] = words.gettext(N_("Without a decision there is no certificate"))
    typed = msgspec.structs.replace(found, **made, revision=standard_forms.revision(data))
    return typed, reading.errors


def _chosen(reading: standard_forms.Reading, name: str, options: tuple[str, ...]) -> list[str]:
    given = reading.data.get(name, [])
    chosen = [one for one in options if one in ([given] if isinstance(given, str) else given)]
    if not chosen:
        reading.errors[name] = reading.words.gettext(N_("Choose at least one"))
    return chosen


def _cents(reading: standard_forms.Reading, name: str) -> int:
    """Euros as people write them: 120, 120,50, 120.50."""
    euros, _, cents = reading.text(name).replace(",", ".").partition(".")
    text = euros + (cents + "00")[:2] if len(cents) <= 2 else ""
    if text.isascii() and text.isdigit() and len(text) < 8:
        return int(text)
    reading.errors[name] = reading.words.gettext(N_("Write an amount such as 120 or 120.50"))
    return 0


def _page(
    request: Request[Any, Any, Any],
    scheme: Scheme,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
) -> Response[str]:
    saved: dict[str, Any] = {name: getattr(scheme, name) for name in NUMBERS}
    saved |= {name: f"{getattr(scheme, name) / 100:.2f}".removesuffix(".00") for name in EUROS}
    saved |= {f"label.{language}": text for language, text in scheme.label.items()}
    saved |= {name: typed[name] for name in saved if typed and name in typed}
    return render(
        request,
        "schemes/one.html",
        status=status,
        scheme=scheme,
        fields={name: str(value) for name, value in saved.items()},
        results=RESULTS,
        profiles=PROFILES,
        errors=errors or {},
    )


HANDLERS = [every, one, change]
