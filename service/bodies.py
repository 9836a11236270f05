"""How a body is read: only in the format its handler speaks, in time, and never anything PostgreSQL could not store.

Litestar decodes whatever arrives as if it were JSON, and a body that is nested 30,000 deep ends in a 500; the server
waits for ever for a body that trickles.
"""

import asyncio
import json
import math
import re
from collections.abc import AsyncGenerator
from itertools import accumulate
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, HTTPException, ValidationException
from litestar.params import BodyKwarg

LIMIT = 1_000_000  # bytes; a handler that takes files raises its own `request_max_body_size`
PARTS = 20  # of a multipart form
SECONDS = 10.0  # for the whole body
DEPTH = 40  # of JSON
DIGITS = 30  # of a whole number in JSON
FORM = "application/x-www-form-urlencoded"
ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.S)  # one that never ends too: nothing is read twice
NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class StrictRequest(Request[Any, Any, Any]):
    """The request class of the application."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Every way to the body leads through here. Refuses (415) a format that the handler did not announce and any
        packing, which could unpack to anything; (408) a body that is not here in time."""
        field = self.route_handler.parsed_data_field
        announced = field.kwarg_definition if field else None
        if isinstance(announced, BodyKwarg) and self._has_body and not self._speaks(announced.media_type):
            raise HTTPException(status_code=415)
        if self.headers.get("content-encoding", "identity").lower() != "identity":
            raise HTTPException(status_code=415, headers={"Accept-Encoding": "identity"})
        chunks, over_at = super().stream(), asyncio.get_running_loop().time() + SECONDS
        while True:
            try:
                async with asyncio.timeout_at(over_at):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise HTTPException(status_code=408, headers={"Connection": "close"}) from None
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
        """The decoded JSON. Refuses (400) what is nested too deep, and what two programs would read differently:
        names that come twice, numbers beyond what a number can hold, halves of characters; (422) what is not of the
        announced type."""
        refuse_odd(await self.body())
        read = await super().json()
        if (field := self.route_handler.parsed_data_field) is not None:
            refuse_loose(read, field.annotation)
        return read

    @property
    def _has_body(self) -> bool:
        return self.headers.get("content-length", "0") != "0" or "transfer-encoding" in self.headers

    def _speaks(self, announced: str) -> bool:
        given = self.content_type[0].lower()
        return given == announced or (announced == "application/json" and given.endswith("+json"))


def is_broken_form(error: BaseException) -> bool:
    """Whether the parts of a multipart form could not be read as text: the sender's mistake, which Litestar lets pass as
    if it were ours."""
    frame = error.__traceback__ if isinstance(error, UnicodeDecodeError) else None
    while frame is not None:
        if frame.tb_frame.f_globals.get("__name__") == "litestar._multipart":
            return True
        frame = frame.tb_next
    return False


def refuse_odd(body: bytes) -> None:
    """Refuses (400) JSON that is not what it seems; broken JSON is left to whoever decodes it."""
    if body.count(b"[") + body.count(b"{") > DEPTH:
        brackets = STRING.sub(b"", body).translate(None, NOT_BRACKETS)
        if max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0) > DEPTH:
            raise ClientException("JSON nested too deep")
    try:
        read = json.loads(body or b"null", **ODD)
        if b"\\u" in body:
            json.dumps(read, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ClientException("half a character in the body") from None
    except ValueError:
        return


def refuse_loose(read: Any, kind: Any) -> None:
    """Refuses (422) JSON that is not of the `kind`: Litestar, which reads forms too, would take "2" for a number, 0 for no
    and the word "null" for nothing."""
    try:
        msgspec.convert(read, kind, str_keys=True)
    except msgspec.ValidationError as error:
        said, _, where = str(error).partition(" - at `$")
        raise ValidationException(
            extra=[{"message": said, "key": where.rstrip("`").lstrip("."), "source": "body"}]
        ) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ClientException("a name comes twice in one object")
    return members


def _whole(digits: str) -> int:
    if len(digits) > DIGITS:
        raise ClientException("a number with too many digits")
    return int(digits)


def _broken(number: str) -> float:
    if math.isinf(value := float(number)):
        raise ClientException("a number that is too large")
    return value


def _no_number(name: str) -> NoReturn:
    raise ClientException(f"{name} is no number")


ODD: dict[str, Any] = {
    "object_pairs_hook": _members,
    "parse_int": _whole,
    "parse_float": _broken,
    "parse_constant": _no_number,
}


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
