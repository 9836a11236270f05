"""Two centres with everything in them, somebody of each role, and a server that stands still in their time: a session that
runs today goes on running, and nobody's sign-in grows old."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar
from msgspec import Struct

import migrations
from service import auth, embedded
from service.app import create_app
from tests.access.conftest import NOW, Actor, everyone
from tests.access.knocking import BODIES, Address, addresses, parameters
from tests.builders.web import serving, stranger
from tests.builders.worlds import World, two_centres
from tests.faults.servers import Servers, web_of

# Whoever may ask; the administrator last, because they change the accounts of others.
ROLES = (
    "stranger",
    "candidate",
    "evaluator",
    "observer",
    "manager",
    "planner",
    "reception",
    "auditor",
    "administrator",
)
# Behind a proxy that speaks https: cookies and headers are those of an installation.
BASE_URL = "https://preuve.example.org"


class Town(Struct):
    """For each role the header of its login, and the description with what its own world has."""

    cookies: dict[str, str]
    described: dict[str, Path]


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str]]:
    """The addresses of a PostgreSQL and a Valkey of its own."""
    database = embedded.start_postgres(folder, durable=False)
    queue = embedded.start_valkey(folder)
    try:
        yield database.url, queue.url
    finally:
        queue.stop()
        database.stop()


async def founded(database_url: str, redis_url: str, folder: Path) -> Town:
    """The town, which nobody serves yet."""
    connection = await asyncpg.connect(database_url)
    await migrations.apply(connection)
    await connection.close()
    town = Town({}, {})
    async with serving(database_url, redis_url, folder / "web", lambda: NOW, PREUVE_BASE_URL=BASE_URL) as app:
        worlds = await two_centres(app, NOW)
        actors = {actor.name: actor for actor in await everyone(app, worlds)}
        async with stranger(app) as client:
            said = await client.get("/api/openapi.json")
        for role in ROLES:
            actor = actors["nobody" if role == "stranger" else role]
            town.cookies[role] = f"{auth.cookie_name(app.state.settings)}={actor.secret or 'nobody'}"
            town.described[role] = folder / f"{role}.json"
            town.described[role].write_text(json.dumps(_stricter(said.json(), app, worlds["own"], actor)))
    return town


def _stricter(said: dict[str, Any], app: Litestar, world: World, actor: Actor) -> dict[str, Any]:
    """Every status has to be announced by number; parameters and bodies have an example of what is there and may be done.
    The login is in a header of every request, so its absence is not for this to try."""
    del said["components"]["securitySchemes"]
    for address in addresses(app):
        operation = said["paths"].get(address.path, {}).get(address.method.lower())
        if operation is not None:
            del operation["responses"]["default"]
            operation.pop("security", None)
            _with_examples(operation, address, world, actor)
    return said


def _with_examples(operation: dict[str, Any], address: Address, world: World, actor: Actor) -> None:
    known = parameters(address, world, actor, actor) | {"If-Match": "*", "Idempotency-Key": "once"}
    for parameter in operation["parameters"]:
        if parameter["name"] in known:
            parameter["example"] = known[parameter["name"]]
    if address.name in BODIES and "requestBody" in operation:
        for content in operation["requestBody"]["content"].values():
            content["example"] = BODIES[address.name](world, actor, actor)


@contextmanager
def served(folder: Path, database_url: str, redis_url: str) -> Iterator[Servers]:
    """Two processes in which it is always the same moment."""
    application = "tests.security.town:application"
    with web_of(application, folder / "web", database_url, redis_url, PREUVE_BASE_URL=BASE_URL) as serving:
        yield serving


def application() -> Litestar:
    """What each of them serves."""
    return create_app(clock=lambda: NOW)
