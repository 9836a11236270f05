"""What leaves from outside the application (service/edge.py, the short ways): bytes as they are, and refusals in the words
that those of every handler have."""

from typing import Any

from litestar import Request
from litestar.types import Receive, Send

from service.problems import answer

Headers = list[tuple[bytes, bytes]]


async def whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """One answer in one piece; its headers are complete but for those of Edge."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def refusal(request: Request[Any, Any, Any], exception: Exception, receive: Receive, send: Send) -> None:
    """What problems.answer says to any exception."""
    response = answer(request, exception).to_asgi_response(app=None, request=request)
    await response(request.scope, receive, send)
