"""What the worker does, in this process: the house acts, whoever is signed in; and the audit trail sealed to its end."""

import msgspec
from litestar import Litestar

from service import audit_seals
from service.wiring import Running


def worker_of(app: Litestar) -> Running:
    """The application's servers, as the worker has them."""
    running: Running = app.state.running
    return msgspec.structs.replace(running, db=running.db.as_house())


async def seal_all(running: Running) -> None:
    """All that is there."""
    while await audit_seals.seal(running):
        pass
