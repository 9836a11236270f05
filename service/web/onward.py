"""Where somebody was going when they were asked who they are: a path of ours, in a cookie while a mail is on its way."""

import re
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from litestar import Request
from litestar.datastructures import Cookie
from litestar.response import Redirect

COOKIE = "onward"
SECONDS = 900
# One slash and no second, no backslash (browsers take it for a slash), nothing that could end a header.
OURS = re.compile(r"/(?![/\\])[\w\-.~!$&'()*+,;=:@%/?\[\]]{0,490}", re.ASCII)


def safe(address: str) -> str:
    """The address, where it is a path of ours; else "": nobody is sent to another site from here."""
    return address if OURS.fullmatch(address) else ""


def came_from(request: Request[Any, Any, Any]) -> str:
    """The page that somebody is on: of a form the one it stands on, else the one they ask for."""
    referer = urlsplit(request.headers.get("referer", ""))
    if referer.netloc and referer.netloc == request.headers.get("host"):
        return safe(f"{referer.path or '/'}{'?' + referer.query if referer.query else ''}")
    return safe(request.url.path) if request.method in ("GET", "HEAD") else ""


def to_sign_in(request: Request[Any, Any, Any]) -> str:
    """Where a stranger signs in, and comes back to the page that they asked for: the question of a reminder, a place."""
    page = came_from(request)
    if request.method in ("GET", "HEAD"):
        query = request.url.query
        page = safe(f"{request.url.path}{'?' + query if query else ''}")
    return f"/sign-in?onward={quote(page, safe='/')}" if page else "/sign-in"


def to_confirmation(request: Request[Any, Any, Any]) -> Redirect:
    """Ask who it is, and lead back afterwards."""
    page = came_from(request)
    query = f"?onward={quote(page, safe='/')}" if page else ""
    return Redirect(f"/confirmation{query}", status_code=303)


def kept(request: Request[Any, Any, Any], address: str) -> Cookie:
    """The cookie that keeps the address until the link in the mail is followed; with "", the one that forgets it."""
    return Cookie(
        key=COOKIE,
        value=quote(safe(address), safe=""),
        path="/",
        max_age=SECONDS if address else 0,
        secure=request.app.state.settings.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def of(request: Request[Any, Any, Any]) -> str:
    """The address that was kept, or ""."""
    return safe(unquote(request.cookies.get(COOKIE, "")))
