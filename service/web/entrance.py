"""The page to sign in on, with what this installation offers; each way in shows on it what did not work."""

from typing import Any

from litestar import Request, Response

from service import sign_in_links
from service.i18n import words
from service.web import onward
from service.web.declined import sentence
from service.web.language import language_of
from service.web.look import render

MINUTES = int(sign_in_links.VALID.total_seconds() // 60)
HOME = "/home"  # leads to the first page of whoever has signed in


def offered(request: Request[Any, Any, Any]) -> dict[str, bool]:
    """Which ways in there are beside the link by mail; passkeys are always one of them."""
    settings = request.app.state.settings
    return {"provider": bool(settings.oidc_issuer), "passwords": settings.passwords == "on"}


def form(
    request: Request[Any, Any, Any],
    *,
    status: int = 200,
    email: str = "",
    errors: dict[str, str] | None = None,
    is_spent: bool = False,
    refusal: type[Exception] | None = None,
    onward_to: str = "",
) -> Response[str]:
    """The page. `errors` by field: `email`, or `address` and `password` of the second form; `refusal` for all of it."""
    return render(
        request,
        "sign_in.html",
        status=status,
        email=email,
        errors=errors or {},
        spent=is_spent,
        refused=sentence(words(language_of(request)), refusal) if refusal else "",
        minutes=MINUTES,
        onward=onward.safe(onward_to),
        offered=offered(request),
    )
