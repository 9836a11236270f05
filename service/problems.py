"""Every no that leaves the house: status, sentence and shape (RFC 9457), for programs as JSON and for people as a page.

The `type` of a problem is the address of a page that explains it, in four languages.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import Message, Receive, Scope, Send

from service import auth, bodies, field_words, logs, refusals, ways_out, wordings
from service.i18n import N_, Words, words
from service.web import onward
from service.web.language import language_of
from service.web.look import render
from service.wordings import identity


class Problem(msgspec.Struct, frozen=True):
    """`title` says what happened, `advice` what the reader can do; both are English sentences to translate."""

    status: int
    title: str
    advice: str


PROBLEMS = {
    "bad-request": Problem(
        400,
        N_("We could not read this request"),
        N_("Something in it is incomplete or damaged. Go back and try again."),
    ),
    "sign-in-needed": Problem(
        401, N_("Please sign in first"), N_("This page is only for people who have signed in. Sign in, then try again.")
    ),
    "not-allowed": Problem(
        403,
        N_("You do not have access to this"),
        N_("Your account does not allow this action. If you think it should, talk to your centre."),
    ),
    "from-another-site": Problem(
        403,
        N_("This request came from another website"),
        N_("For your safety we only accept forms that were sent from our own pages. Open the page here and try again."),
    ),
    "not-found": Problem(
        404,
        N_("We cannot find this"),
        N_("It was removed or belongs to someone else, or its address contains a mistake."),
    ),
    "method-not-allowed": Problem(
        405, N_("This address cannot do that"), N_("Go back to the previous page and use the buttons and links on it.")
    ),
    "too-slow": Problem(
        408, N_("It took too long to send this"), N_("The connection was too slow or was cut. Please try again.")
    ),
    "conflict": Problem(
        409, N_("This does not fit with what was done before"), N_("Reload the page to see how things stand now.")
    ),
    "gone": Problem(410, N_("This no longer exists"), N_("It was removed or replaced. Ask for a new address.")),
    "changed-meanwhile": Problem(
        412, N_("Someone changed this in the meantime"), N_("Reload the page, look at the change and try again.")
    ),
    "too-large": Problem(
        413, N_("What you sent is too large"), N_("Send a shorter text or a smaller file, then try again.")
    ),
    "unknown-format": Problem(
        415, N_("We do not accept this format"), N_("The documentation of the interface lists the formats we accept.")
    ),
    "check-your-answers": Problem(
        422, N_("Please check your answers"), N_("One or more answers are missing or not in the right form.")
    ),
    "precondition-required": Problem(
        428,
        N_("Say which version you are changing"),
        N_("Send the ETag of the version you read in an If-Match header, so that nobody's change gets lost."),
    ),
    "too-many-requests": Problem(
        429, N_("Too many requests in a short time"), N_("Wait a moment, then try again. Nothing is lost.")
    ),
    "our-mistake": Problem(
        500,
        N_("Something went wrong on our side"),
        N_(
            "It is not your fault and we have been told. Try again in a few minutes. If it happens again, tell your centre."
        ),
    ),
    "unavailable": Problem(
        503, N_("The service is not available at the moment"), N_("We are working on it. Try again in a few minutes.")
    ),
}

# What the house and its domains refuse: the class gives the slug (SessionFull → session-full).
REFUSALS: dict[type[Exception], Problem] = {
    refusals.NotFound: PROBLEMS["not-found"],
    refusals.Unavailable: PROBLEMS["unavailable"],
    refusals.FieldUnasked: Problem(
        422,
        N_("The form has a field that its page does not have"),
        N_(
            "Nothing was saved. Go back: what you typed is still there. Keep a copy of it, open the page anew and send it again."
        ),
    ),
    refusals.Overloaded: Problem(
        503, N_("Many people are using the service right now"), N_("Wait a moment, then try again.")
    ),
    refusals.TryAgain: Problem(
        503, N_("Two requests came at the same time"), N_("Nothing was changed. Please try again now.")
    ),
    refusals.AccountKnown: Problem(
        409, N_("There is already an account with this email address"), N_("Sign in with it, or use another address.")
    ),
    refusals.LinkSpent: Problem(
        410,
        N_("This sign-in link no longer works"),
        N_("A link works once, and only for a short time. Ask for a new one; it arrives by email."),
    ),
    **{refusal: Problem(*said) for refusal, said in identity.SAID.items()},
    refusals.BundleUnderWay: Problem(
        409, N_("Your last bundle is still being made"), N_("Wait until it is ready, or cancel it.")
    ),
    refusals.KeyReused: Problem(
        422,
        N_("This idempotency key was used for another request"),
        N_("Use a new key for a new request, and the same key only to repeat the same one."),
    ),
    refusals.KeyInFlight: Problem(
        409, N_("The same request is still being answered"), N_("Wait a moment, then repeat it with the same key.")
    ),
    refusals.ImportNotReady: Problem(
        409,
        N_("This import cannot do that at the moment"),
        N_("It is still being checked, was called off, or is over. Reload the page to see how it stands."),
    ),
    **{refusal: Problem(*said) for refusal, said in wordings.SAID.items()},
}

BY_STATUS = {problem.status: slug for slug, problem in PROBLEMS.items() if slug != "from-another-site"}
HEADERS = {
    401: {"WWW-Authenticate": 'Bearer realm="preuve"'},
    429: {"Retry-After": "30"},
    503: {"Retry-After": "3"},
}
SOON = {"key-in-flight": {"Retry-After": "1"}}  # the same again is told what comes of it


class FromAnotherSite(HTTPException):
    """A form that a foreign page sent in the name of someone who is signed in here."""

    status_code = 403


@cache
def everything() -> dict[str, Problem]:
    """Every problem by its slug: those of HTTP and those of the domain. Where both have one, HTTP's words serve both."""
    return {slug_of(refusal): problem for refusal, problem in REFUSALS.items()} | PROBLEMS


def slug_of(refusal: type[Exception]) -> str:
    """SessionFull → session-full"""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", refusal.__name__).lower()


def answer(request: Request[Any, Any, Any], exception: Exception) -> Response[Any]:
    """The response to any exception. What we did not foresee is logged, and said without its inside."""
    members: dict[str, object] = {}
    if isinstance(exception, refusals.Explained):
        members, exception = exception.members, exception.refusal
    slug, status = problem_of(exception)
    if status == 500:
        logs.fault("a request failed", _only_one(exception))
    if slug == "step-up-needed" and wants_page(request):
        return onward.to_confirmation(request)
    headers = HEADERS.get(status, {}) | SOON.get(slug, {}) | _given_headers(exception)
    errors = _errors(exception, words(language_of(request)))
    if wants_page(request):
        reference = logs.request_id.get() if status >= 500 else ""
        said = {"problem": everything()[slug], "errors": errors, "reference": reference}
        said |= {"why": members.get("why_not"), "ways": ways_out.known(type(_only_one(exception)), {})}

        def page() -> Response[str]:
            return render(request, "problem.html", status=status, headers=headers, **said)

        is_asked_about = "user" in request.scope or not request.cookies
        return page() if is_asked_about else Unasked(request, page)
    return _document(request, slug, status, headers, members | ({"errors": errors} if errors else {}))


class Unasked(Response[str]):
    """The page of a problem at an address without a handler: nobody has looked yet who is asking. That is done first, so
    that who has signed in is not offered to sign in."""

    def __init__(self, request: Request[Any, Any, Any], make: Callable[[], Response[str]]) -> None:
        super().__init__("", media_type="text/html")
        self._request, self._make = request, make

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        return self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await auth.Recognise().handle(self._request.scope, receive, _nobody_yet, _nobody_reads)
        except Exception as exception:
            logs.fault("nobody could say who asks", exception)
        await self._make().to_asgi_response(app=None, request=self._request)(scope, receive, send)


async def _nobody_reads(*_: Any) -> None:
    """Recognise only writes into the scope here."""


async def _nobody_yet(_: Message) -> None:
    """Nothing is sent while it does."""


def problem_of(exception: Exception) -> tuple[str, int]:
    """Slug and status. A status of HTTP that has no problem of its own keeps its number under the nearest one."""
    exception = _only_one(exception)
    for ancestor in type(exception).__mro__:
        if ancestor in REFUSALS:
            return slug_of(ancestor), REFUSALS[ancestor].status
    if isinstance(exception, FromAnotherSite):
        return "from-another-site", 403
    if isinstance(exception, ValidationException):
        return "check-your-answers", 422
    if bodies.is_broken_form(exception):
        return "bad-request", 400
    status = exception.status_code if isinstance(exception, HTTPException) else 500
    return BY_STATUS.get(status) or ("bad-request" if status < 500 else "our-mistake"), status


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Browsers name text/html, and htmx names itself; everyone else, and everyone under /api/, is a program."""
    if request.url.path.startswith(("/api/", "/health/")):
        return False
    return "text/html" in request.headers.get("accept", "") or "hx-request" in request.headers


def _document(
    request: Request[Any, Any, Any], slug: str, status: int, headers: dict[str, str], members: dict[str, object]
) -> Response[bytes]:
    language = language_of(request)
    problem = everything()[slug]
    content: dict[str, Any] = {
        "type": f"/problems/{slug}",
        "title": words(language).gettext(problem.title),
        "status": status,
        "detail": _advice(problem, members.get("why_not"), words(language)),
        "request_id": logs.request_id.get(),
        **members,
    }
    return Response(
        msgspec.json.encode(content),
        status_code=status,
        media_type="application/problem+json",
        headers={"Content-Language": language, "Vary": "Accept, Accept-Language, Cookie", **headers},
    )


def _advice(problem: Problem, why: Any, spoken: Words) -> str:
    """In the number of the scheme, where that is what stands in the way (service.explaining.WhyNot)."""
    return str(why.advice) if why and why.failures else spoken.gettext(problem.advice)


def _given_headers(exception: Exception) -> dict[str, str]:
    given = getattr(exception, "headers", None) or {}
    return {"-".join(word.capitalize() for word in name.split("-")): value for name, value in given.items()}


def _errors(exception: Exception, spoken: Words) -> list[dict[str, str]]:
    """Which fields and why, as JSON pointers into the body or names of parameters; why in the reader's language."""
    found = exception.extra if isinstance(exception, ValidationException) and isinstance(exception.extra, list) else []
    return [
        _error(str(each.get("key", "")), each.get("source"), field_words.said(str(each["message"]), spoken))
        for each in found
    ]


def _error(key: str, source: str | None, message: str) -> dict[str, str]:
    if source and source != "body":
        return {"parameter": key, "in": str(getattr(source, "value", source)), "detail": message}
    steps = [step for step in re.split(r"[.\[\]]+", key.removeprefix("data")) if step]
    return {"pointer": "".join(["#", *(f"/{step}" for step in steps)]), "detail": message}


def _only_one(exception: Exception) -> Exception:
    """Out of a task group, or a dependency's clean-up, a single exception arrives wrapped."""
    while isinstance(exception, ExceptionGroup) and len(exception.exceptions) == 1:
        exception = exception.exceptions[0]
    return exception
