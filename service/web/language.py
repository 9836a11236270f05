"""The language switch: plain links to the same page with `?lang=`, which is then remembered in a cookie."""

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from litestar import Request

from service.i18n import LANGUAGES, negotiate

COOKIE = "language"


class Choice(msgspec.Struct, frozen=True):
    """A language to switch to, named in itself."""

    code: str
    name: str
    address: str
    is_current: bool


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language this reader gets: asked for, remembered, the account's, the browser's, the setting's."""
    account = request.scope.get("user")
    return negotiate(
        _asked(request),
        request.cookies.get(COOKIE),
        getattr(account, "language", None),
        request.headers.get("accept-language", ""),
        request.app.state.settings.language,
    )


def choices(request: Request[Any, Any, Any], current: str) -> list[Choice]:
    """The switch's links. After a form was sent there is no page to reload: they lead to the page it was on."""
    path, query = _page_of(request)
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "lang"]
    return [
        Choice(code, name, f"{path}?{urlencode([*kept, ('lang', code)])}", code == current)
        for code, name in LANGUAGES.items()
    ]


def to_remember(request: Request[Any, Any, Any]) -> str | None:
    """The language that was asked for in the address and is not remembered yet."""
    asked = _asked(request)
    return asked if asked in LANGUAGES and asked != request.cookies.get(COOKIE) else None


def _asked(request: Request[Any, Any, Any]) -> str | None:
    asked = request.query_params.get("lang")
    return asked if isinstance(asked, str) else None


def _page_of(request: Request[Any, Any, Any]) -> tuple[str, str]:
    """Path and query. One slash in front and no more: `//elsewhere.example` would be a link to another site."""
    if request.method in ("GET", "HEAD"):
        return "/" + quote(request.url.path.lstrip("/")), request.url.query
    came_from = urlsplit(request.headers.get("referer", ""))
    if came_from.netloc != request.headers.get("host"):
        return "/", ""
    return "/" + came_from.path.lstrip("/"), came_from.query
