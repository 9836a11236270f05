"""Bytes that are served as they are, by the web server that serves us."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Application = Callable[[dict[str, Any], Any, Callable[[dict[str, Any]], Awaitable[None]]], Awaitable[None]]


def application() -> Application:
    """An application that answers every request with the file of BENCH_BODY."""
    body = Path(os.environ["BENCH_BODY"]).read_bytes()
    headers = [(b"content-type", b"text/calendar"), (b"content-length", str(len(body)).encode())]

    async def served(scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})

    return served
