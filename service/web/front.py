"""The front page, the accessibility statement, who may do what, and the pages that explain problems."""

from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from service import access, auth, ways_out
from service.problems import everything, slug_of
from service.web.look import render

STATEMENT_WRITTEN = date(2026, 11, 23)


@get("/", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def front_page(request: Request[Any, Any, Any]) -> Response[str]:
    """What Preuve is, and the first step for each of its readers."""
    return render(request, "front.html")


@get("/accessibility", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def accessibility(request: Request[Any, Any, Any]) -> Response[str]:
    """The statement that the directive (EU) 2016/2102 asks for."""
    return render(request, "accessibility.html", written=STATEMENT_WRITTEN)


@get("/problems", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def problem_list(request: Request[Any, Any, Any]) -> Response[str]:
    """Every problem, by what it says."""
    return render(request, "problems.html", problems=everything())


@get("/problems/{slug:str}", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def problem_page(slug: FromPath[str], request: Request[Any, Any, Any]) -> Response[str]:
    """What the `type` of a problem document points to."""
    if slug not in everything():
        raise NotFoundException
    ways = next((ways_out.known(one, {}) for one in ways_out.WAYS if slug_of(one) == slug), [])
    problem = everything()[slug]
    return render(request, "problem.html", problem=problem, errors=[], reference="", why=None, ways=ways)


@get("/access", include_in_schema=False, guards=[auth.may("pages", "read")], sync_to_thread=False)
def access_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The table by which the service decides: it is no secret."""
    groups = [
        (title, [rule for rule in access.RULES.values() if rule.resource == resource])
        for resource, title in access.RESOURCES.items()
    ]
    return render(request, "access.html", groups=groups, columns=access.COLUMNS)
