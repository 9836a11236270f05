"""Every component on one page, in development only: to look at, to photograph and to examine."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get

from service import auth
from service.web.look import render


@get("/look", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def look(request: Request[Any, Any, Any]) -> Response[str]:
    """The components with made-up contents."""
    starts, ends = datetime(2026, 12, 4, 8, tzinfo=UTC), datetime(2026, 12, 4, 11, 30, tzinfo=UTC)
    return render(request, "look.html", starts=starts, ends=ends)
