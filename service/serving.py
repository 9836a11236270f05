"""What each web process serves."""

import gc
import multiprocessing
import signal

from litestar import Litestar

from service.app import create_app
from service.embedded.processes import end_with

YOUNG = 10_000  # objects, a megabyte or two; Python's own 700 take a tenth of a booking's time
SCHEMA_SECONDS = 60  # for `preuve migrate`, which may be started beside us


def application() -> Litestar:
    """The application, in a process that ends with granian's main process, even when that one is killed with -9."""
    main = multiprocessing.parent_process()
    if main is not None and main.pid is not None:
        end_with(main.pid, signal.SIGKILL)
    app = create_app(schema_seconds=SCHEMA_SECONDS)
    app.on_startup.append(settle)
    return app


async def settle() -> None:
    """What is there once everything is open stays to the end: the collector need not go through it with each request. And it
    comes every few hundred requests, not every few: hardly anything in them is a circle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
