"""Long lists come in parts: the Link header says where the next one is (RFC 8288)."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar.params import QueryParameter

# Not a UUID | None: that would take the word "null" for one.
After = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)",
        max_length=36,
        description="The last one that was read; Link, rel=next, gives it with `since`.",
    ),
]


def last_read(after: After) -> UUID | None:
    return UUID(after) if after else None


def next_link(path: str, asked: Mapping[str, object], *, is_full: bool) -> dict[str, str]:
    """The header of a part; none after the last one. `asked`: what finds the next part; what is None is left out."""
    if not is_full:
        return {}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return {"Link": f'<{path}?{query}>; rel="next"'}
