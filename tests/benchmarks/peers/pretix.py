"""pretix from its package, in an environment of its own, on a PostgreSQL of its own: an event with one free kind of place,
and a series of fifty dates."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct

from service import embedded
from service.embedded.processes import until
from tests.benchmarks.house import cpu_of
from tests.builders.ports import free_port
from tests.faults.line import request
from tests.faults.servers import accepts, children

PACKAGES = ("pretix==2026.8.0", "gunicorn==23.0.0")
INSTALL_SECONDS, MIGRATE_SECONDS, START_SECONDS = 1800, 1800, 120
EVENT = Path(__file__).with_name("inside") / "an_event.py"
WORKERS = 2


class NotHere(Exception):
    """Why pretix cannot be measured here, as one sentence for people."""


class Told(Struct, frozen=True):
    """What an_event.py says of what it made."""

    token: str
    item: int


class Pretix(Struct, frozen=True):
    """A pretix that answers on `port`."""

    port: int
    told: Told
    web: int
    postgres: int

    def order(self, number: int) -> bytes:
        """The bytes of an order of one free place, by a person of that number."""
        position = {
            "positionid": 1,
            "item": self.told.item,
            "price": "0.00",
            "attendee_name_parts": {"_scheme": "full", "full_name": f"Noor Peeters {number}"},
            "answers": [],
        }
        order = {"email": f"noor{number}@example.org", "locale": "en", "sales_channel": "web", "positions": [position]}
        return self._asked("POST", "events/one/orders/", msgspec.json.encode(order))

    def list_of_fifty(self) -> bytes:
        """The bytes that ask for fifty dates with what is available at each."""
        return self._asked("GET", "events/many/subevents/?with_availability_for=web&page_size=50")

    def cpu(self) -> float:
        """Seconds of processor time used so far, by its processes and its PostgreSQL."""
        mains = [self.web, self.postgres]
        running = [pid for main in mains for pid in (main, *children(main))]
        return cpu_of(running) + cpu_of(mains, of_the_ended=True)

    def _asked(self, method: str, path: str, body: bytes = b"") -> bytes:
        headers = {"Authorization": f"Token {self.told.token}", "Content-Type": "application/json"}
        return request(method, f"/api/v1/organizers/bench/{path}", headers, body)


def environment(folder: Path) -> Path:
    """The interpreter of pretix's own environment, which is made and filled if it is not there. Refuses NotHere."""
    python, ready = folder / "bin" / "python", folder / "ready"
    if ready.exists():
        return python
    try:
        _run([sys.executable, "-m", "venv", folder], seconds=INSTALL_SECONDS)
        _run(
            [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *PACKAGES],
            seconds=INSTALL_SECONDS,
        )
    except NotHere as reason:
        raise NotHere(f"it cannot be installed here ({reason}).") from None
    ready.touch()
    return python


@contextmanager
def a_pretix(python: Path) -> Iterator[Pretix]:
    """Migrated, with its event, served by two processes; all of it is thrown away. Refuses NotHere."""
    with tempfile.TemporaryDirectory(prefix="preuve-pretix-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # as root the server runs as nobody
        postgres = embedded.start_postgres(folder)
        stack.callback(postgres.stop)
        port = free_port()
        surroundings = _surroundings(folder, postgres.url, port)
        try:
            _run([python, "-m", "pretix", "migrate", "--run-syncdb"], seconds=MIGRATE_SECONDS, env=surroundings)
            said = _run([python, EVENT], seconds=START_SECONDS, env=surroundings)
        except NotHere as reason:
            raise NotHere(f"it is installed but does not start here ({reason}).") from None
        web = _served(python, folder, surroundings, port)
        stack.callback(_ended, web)
        if not until(lambda: accepts(port) or web.poll() is not None, seconds=START_SECONDS) or web.poll() is not None:
            raise NotHere("it is installed but does not answer here.")
        told = msgspec.json.decode(said.splitlines()[-1], type=Told)
        yield Pretix(port, told, web.pid, postgres.process.pid)


def _surroundings(folder: Path, database_url: str, port: int) -> dict[str, str]:
    data = folder / "pretix"
    data.mkdir()
    address = urlsplit(database_url)
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("PREUVE_", "DATABASE_"))}
    return outside | {
        "PRETIX_CONFIG_FILE": os.devnull,
        "PRETIX_PRETIX_DATADIR": str(data),
        "PRETIX_PRETIX_URL": f"http://127.0.0.1:{port}",
        "PRETIX_DATABASE_BACKEND": "postgresql",
        "PRETIX_DATABASE_NAME": address.path.lstrip("/"),
        "PRETIX_DATABASE_USER": address.username or "",
        "PRETIX_DATABASE_HOST": parse_qs(address.query)["host"][0],
        "PRETIX_DJANGO_DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "bench_settings",
        "PYTHONPATH": str(EVENT.parent),
    }


def _served(python: Path, folder: Path, surroundings: dict[str, str], port: int) -> "subprocess.Popen[bytes]":
    """Threads only so that a kept-alive connection does not hold a process for itself."""
    gunicorn = ["-m", "gunicorn", "pretix.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    patience = ["--worker-class", "gthread", "--threads", "2", "--keep-alive", "75", "--timeout", "120"]
    with (folder / "gunicorn.log").open("ab") as log:
        return subprocess.Popen([python, *gunicorn, *patience], env=surroundings, stdout=log, stderr=log)


def _ended(web: "subprocess.Popen[bytes]") -> None:
    web.terminate()
    try:
        web.wait(20)
    except subprocess.TimeoutExpired:
        web.kill()


def _run(command: list[str | Path], *, seconds: float, env: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHere(f"{type(error).__name__}") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit {done.returncode}"]
        errors = [line for line in said if line.startswith("ERROR:")] or said
        raise NotHere(errors[-1].removeprefix("ERROR:").strip().rstrip(".")[:200])
    return done.stdout
