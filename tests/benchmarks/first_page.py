"""From `make run` to the first page, in an empty data folder: servers made, migrated, seeded and serving."""

import http.client
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.table import Line
from tests.builders.ports import free_port
from tests.faults.servers import HOUSE

PATIENCE = 300  # seconds
FAIRNESS = (
    "`preuve run` as `make run` starts it once the environment is made: a new cluster, all migrations, the seeded year."
)


def measure() -> list[Line]:
    """Seconds."""
    with tempfile.TemporaryDirectory(prefix="preuve-first-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o711)  # as root the servers run as nobody
        outside = {
            name: value for name, value in os.environ.items() if not name.startswith(("PREUVE_", "DATABASE_", "REDIS_"))
        }
        ours = {"PREUVE_DATA": str(folder / "data"), "PREUVE_PORT": str(port)}
        with (folder / "log").open("wb") as log:
            began = time.monotonic()
            run = [sys.executable, "-m", "service", "run", "--with-parent"]
            process = subprocess.Popen(
                run, cwd=HOUSE, env=outside | ours, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            try:
                while not _answers(port):
                    assert process.poll() is None, (folder / "log").read_text()[-2000:]
                    assert time.monotonic() - began < PATIENCE
                    time.sleep(0.05)
                taken = time.monotonic() - began
            finally:
                process.terminate()
                process.wait(30)
    return [Line.number("first page after make run", taken, "s", fairness=FAIRNESS)]


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/", headers={"Accept": "text/html"})
        return connection.getresponse().status == 200
    return False
