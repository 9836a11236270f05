"""The people of the tour: each signs in with a mailed link, and asks over HTTP like anybody else."""

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar

from service import mails, outbox, reactions
from service.app import create_app
from service.settings import Settings
from service.wiring import Running


class Surprise(Exception):
    """A step did not go as the journey says; the message names the step's expectation and what came instead."""


class Town:
    """The running application in this process, with a clock that the tour can turn forward."""

    def __init__(self, app: Litestar, clock: "Clock") -> None:
        self.app = app
        self.clock = clock

    @property
    def running(self) -> Running:
        """As the worker would have it."""
        return self.app.state.running.as_house()  # type: ignore[no-any-return]

    async def settle(self) -> None:
        """What the worker does: every reaction that is due, then every letter."""
        await outbox.drain(self.running, reactions.BY_TOPIC)
        while await mails.send_next(self.running):
            pass

    def stranger(self) -> "Visitor":
        """Somebody who has not signed in."""
        transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]
        return Visitor(httpx.AsyncClient(transport=transport, base_url=self.running.settings.base_url))

    async def sign_in(self, address: str) -> "Visitor":
        """Ask for a link, read the mail, press the button."""
        visitor = self.stranger()
        before = set(self._letters())
        await visitor.ask("POST", "/sign-in", 200, form={"email": address})
        await self.settle()
        link = next(filter(None, (_link(path, address) for path in self._letters() if path not in before)), None)
        if link is None:
            raise Surprise(f"no sign-in mail for {address}")
        await visitor.ask("POST", link, 303)
        return visitor

    def _letters(self) -> list[Path]:
        return sorted((self.running.settings.data / "mail").glob("*.eml"))


class Visitor:
    """One browser or program."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def ask(
        self, method: str, path: str, expected: int, body: Any = None, *, form: Any = None, **headers: str
    ) -> httpx.Response:
        """One request; raises Surprise unless it is answered with the expected status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.client.request(
            method, path, json=body, data=form, headers={"Origin": self._origin, **named}
        )
        if answer.status_code != expected:
            raise Surprise(f"{method} {path}: expected {expected}, got {answer.status_code} {answer.text[:300]}")
        return answer

    async def told(self, method: str, path: str, expected: int, body: Any = None, **headers: str) -> Any:
        """The same, for an answer in JSON."""
        answer = await self.ask(method, f"/api/v1{path}", expected, body, **headers)
        return answer.json()

    @property
    def _origin(self) -> str:
        return str(self.client.base_url).rstrip("/")


class Clock:
    """Now, until it is turned."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def __call__(self) -> datetime:
        return self.at or datetime.now(UTC)


@asynccontextmanager
async def visiting(settings: Settings) -> AsyncIterator[Town]:
    """The application with its lifespan entered, for as long as the tour lasts."""
    clock = Clock()
    app = create_app(settings, clock=clock)
    async with app.lifespan():
        yield Town(app, clock)
        await asyncio.sleep(0)


def _link(path: Path, address: str) -> str | None:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if message["To"] != address:
        return None
    body = message.get_body(("plain",))
    found = re.search(r"/sign-in/[\w.~-]+", body.get_content() if body else "")
    return found[0] if found else None
