"""Keys, a national number that nobody has, and the application with the pages of privacy."""

import asyncpg
from litestar import Litestar

from assessments.national_numbers import Keyring
from service import exports
from service.outbox import Reactions, drain
from service.reactions import BY_TOPIC, quiet
from service.web import consents, privacy, share

NUMBER = "88022999990"  # serial 999: no person has one
WRITTEN = "88.02.29-999.90"
ANOTHER = "90051799928"

REACTIONS: Reactions = {**BY_TOPIC, "export.asked": exports.make, "candidate.erased": quiet}


def a_keyring(*ids: str) -> Keyring:
    """Keys that follow from their ids; the last one is current."""
    ids = ids or ("first",)
    return Keyring(ids[-1], {key_id: key_id.encode().ljust(32, b"k") for key_id in ids}, b"lookup".ljust(32, b"l"))


def with_privacy(app: Litestar) -> Litestar:
    """The pages, where the index does not list them."""
    if not any(route.path == "/privacy" for route in app.routes):
        for handler in (*privacy.HANDLERS, *consents.HANDLERS, *share.HANDLERS):
            app.register(handler)
    return app


async def react(app: Litestar) -> None:
    """The worker has done what there was to do."""
    await drain(app.state.running.as_house(), REACTIONS)


async def everything(tx: asyncpg.Connection, *, but: str = "-") -> str:
    """Every row of every table of ours as text, bytes in hexadecimal; without the tables whose name begins with `but`."""
    tables = await tx.fetch(
        """select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname in ('service', 'scheduling', 'assessments', 'certificates') and c.relkind = 'r'"""
    )
    texts = []
    for name in (table["name"] for table in tables if not table["name"].startswith(but)):
        rows = await tx.fetch(f"select t::text as row from {name} t")
        texts += [row["row"] for row in rows]
    return "\n".join(texts)
