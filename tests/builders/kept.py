"""A bundle that is ready, as the worker leaves it."""

from datetime import datetime
from uuid import UUID

from service import bundles
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
