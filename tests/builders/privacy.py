"""Keys, a national number that nobody has, and the application with the pages of privacy."""

from datetime import datetime

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


async def a_word_of_each_kind(tx: asyncpg.Connection, now: datetime) -> None:
    """As bare rows, about a test that was annulled: more in test_words_of_the_day."""
    await tx.execute("set local role none")
    await tx.execute("set local session_replication_role = replica")
    await tx.execute(
        """with test as (
               insert into assessments.new_tests (booking_id, cause, granted_at) values (gen_random_uuid(), 'conflict', $1)
               returning booking_id),
           noted as (
               insert into assessments.entries (id, booking_id, assessor_id, role, kind, said, at, received_at)
               select gen_random_uuid(), booking_id, gen_random_uuid(), 'evaluator', 'note', '{"text": "toux"}', $1, $1
               from test),
           sealed as (
               insert into assessments.recordings (booking_id, assessor_id, role, started_at, remarks, submitted_at, digest)
               select booking_id, gen_random_uuid(), 'evaluator', $1, 'mal', $1, repeat('0', 64) from test returning id)
           insert into assessments.ratings (recording_id, indicator, rating, reason, rated_at)
           select id, '1.1', 'met', 'vu', $1 from sealed""",
        now,
    )
    await tx.execute("set local session_replication_role = origin")
    await tx.execute("set local role preuve_application")
