"""Nobody's change gets lost: who changes what can be read says which version of it they read (RFC 9110, If-Match)."""

import hashlib
from typing import Annotated, Any

import msgspec
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.params import HeaderParameter

from service import auth

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


def refuse_stale(if_match: str, shown: Any) -> None:
    """Refuses (412) when what is shown now is not what was read; a weak tag matches nothing here."""
    tags = [tag.strip() for tag in if_match.split(",")]
    if tags != ["*"] and etag(shown) not in tags:
        raise HTTPException(status_code=412)


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the reader has this version: compared weakly."""
    tags = {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}
    return tag in tags or "*" in tags
