"""A bundle and a copy that are ready, as the worker leaves them."""

from datetime import datetime
from uuid import UUID

from service import bundles, exports
from service.accounts import Account
from service.bundling.making import Subject
from service.settings import Settings
from tests.builders.assessments import Tx


async def a_kept_bundle(tx: Tx, settings: Settings, account: Account, now: datetime) -> UUID:
    bundle = await bundles.ask(tx, Subject(year=2026, centre_id=account.centre_id), by=account.id, now=now)
    await tx.execute(
        """update service.bundles set progress = 100, ready_at = $2, expires_at = $3, sha256 = repeat('0', 64), size = 4
           where id = $1""",
        bundle,
        now,
        now + bundles.KEPT,
    )
    place = bundles.path(settings, bundle)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"PK..")
    return bundle


async def a_kept_copy(tx: Tx, assessor_id: UUID, now: datetime) -> UUID:
    copy = await exports.ask(tx, exports.Whose(assessor_id=assessor_id), language="fr", now=now)
    await tx.execute(
        "update service.exports set progress = 100, ready_at = $2, expires_at = $3, archive = 'PK..' where id = $1",
        copy,
        now,
        now + exports.KEPT,
    )
    await tx.execute("update service.outbox set done_at = $2 where aggregate = $1", copy, now)
    return copy
