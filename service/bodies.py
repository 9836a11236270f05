"""How a body is read: only in the format its handler speaks, and never anything PostgreSQL could not store.

Litestar decodes whatever arrives as if it were JSON, and a body that is nested 30,000 deep ends in a 500.
"""

import re
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import unquote_to_bytes

from litestar import Request
from litestar.exceptions import ClientException, HTTPException
from litestar.params import BodyKwarg

LIMIT = 1_000_000  # bytes; a handler that takes files raises its own `request_max_body_size`
FORM = "application/x-www-form-urlencoded"
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class StrictRequest(Request[Any, Any, Any]):
    """The request class of the application."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Every way to the body leads through here. Refuses (415) a format that the handler did not announce."""
        field = self.route_handler.parsed_data_field
        announced = field.kwarg_definition if field else None
        if isinstance(announced, BodyKwarg) and self._has_body and not self._speaks(announced.media_type):
            raise HTTPException(status_code=415)
        async for chunk in super().stream():
            yield chunk

    async def body(self) -> bytes:
        """The whole body. Refuses (400) NUL characters and broken UTF-8 in JSON and in forms."""
        body = await super().body()
        kind = self.content_type[0]
        if kind == FORM or kind.endswith("json"):
            plain = unquote_to_bytes(body) if kind == FORM else body
            if b"\0" in plain or (kind != FORM and ESCAPED_NUL.search(body)) or not _is_utf8(plain):
                raise ClientException("NUL or broken UTF-8 in the body")
        return body

    async def json(self) -> Any:
        """The decoded JSON. Refuses (400) what is nested too deep to decode."""
        try:
            return await super().json()
        except RecursionError:
            raise ClientException("JSON nested too deep") from None

    @property
    def _has_body(self) -> bool:
        return self.headers.get("content-length", "0") != "0" or "transfer-encoding" in self.headers

    def _speaks(self, announced: str) -> bool:
        given = self.content_type[0].lower()
        return given == announced or (announced == "application/json" and given.endswith("+json"))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
