"""Nobody's change gets lost: who changes what can be read says which version of it they read; a program in If-Match
(RFC 9110), a page in a field of its form.

Editable is what is replaced by something else: when and where a session is, ratings, somebody's details, an account's role.
What only goes on (opened, locked, checked in, released …) is kept from going on twice by its own state.
"""

import hashlib
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter
from msgspec import Meta

from service import auth
from service.i18n import N_

CHANGED = N_("Someone changed this in the meantime. Look at how it stands now, then try again.")
Representation = TypeVar("Representation")
Version = Annotated[str, Meta(max_length=64)]
IfMatch = Annotated[
    str, HeaderParameter(name="If-Match", min_length=1, max_length=500, description="The ETag that was read, or *.")
]


def etag(shown: Any) -> str:
    """The strong ETag of a representation: of its bytes."""
    return f'"{hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:32]}"'


async def stated(connection: auth.Connection, handler: BaseRouteHandler) -> None:
    """Whoever changes it says which version they read. Refuses (428) who does not."""
    if not connection.headers.get("if-match"):
        raise HTTPException(status_code=428)


def shown(one: Representation, *, status: int = 200) -> Response[Representation]:
    """The answer that shows something editable, with its version."""
    headers = {"ETag": etag(one), "Cache-Control": "private, no-cache"}
    return Response(one, status_code=status, headers=headers)


def refuse_stale(if_match: str, shown: Any) -> None:
    """Refuses (412) when what is shown now is not what was read; a weak tag matches nothing here."""
    tags = [tag.strip() for tag in if_match.split(",")]
    if tags != ["*"] and etag(shown) not in tags:
        raise HTTPException(status_code=412)


def of_form(shown: Any) -> str:
    """The version that the form of a page carries."""
    return etag(shown).strip('"')


def is_stale(version: str, shown: Any) -> bool:
    """Whether a form was filled in on another version than what is shown now; a form without one was on none."""
    return version not in ("*", of_form(shown))


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the reader has this version: compared weakly."""
    tags = {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}
    return tag in tags or "*" in tags
