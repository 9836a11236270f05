"""`preuve run`: everything Preuve needs, started in order, kept alive, ended in order."""

import argparse
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from types import FrameType

from service import embedded
from service.embedded import processes, sharing
from service.migrating import migrate
from service.settings import Settings, SettingsFault, secret

HEADER_SECONDS = 10  # for the whole head of a request, as for its body (service/bodies.py)
DRAIN_SECONDS = 3  # of a web process for the requests in flight; all ends together stay below ten seconds
STEADY_SECONDS = 30  # a child that ran so long starts anew without waiting
LONGEST_WAIT = 30
ANSWER_SECONDS = 120  # for the first answer: a new database is migrated meanwhile
# What other modules add: lines to print (label and address). In production no address that signs anybody in is printed.
ADDRESSES = ("service.seed:addresses",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `make run` and tests ask for."""
    parser.add_argument("--with-parent", action="store_true", help="end when the program that started this one ends")
    parser.add_argument("--without-seed", action="store_true", help="leave a new database empty")


def command(arguments: argparse.Namespace, settings: Settings) -> int:
    """Start PostgreSQL and Valkey (unless given), migrate, seed once, serve; end all of it on Ctrl-C or SIGTERM."""
    if arguments.with_parent:
        processes.end_with(os.getppid(), signal.SIGTERM)
    _check(settings)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    with ExitStack() as stack:
        stack.enter_context(sharing.held(settings.data, who="preuve run"))
        with suppress(KeyboardInterrupt), _ended_in_order() as children:
            settings = _with_servers(settings, children)
            _serve(settings, children, seed=not arguments.without_seed)
    _say("Preuve has ended.")
    return 0


def _serve(settings: Settings, children: "list[Child]", *, seed: bool) -> None:
    """The web process is put together while the database is migrated (it waits for that), and answers while the
    demonstration is laid out."""
    secret(settings)
    children.append(Child("web", lambda: _program("web", settings), patience=DRAIN_SECONDS + 1))
    if ran := migrate(settings.owner):
        _say(f"The database was brought up to date ({len(ran)} migrations).")
    if answers := _answers(settings, children):
        _say(f"Preuve answers at {settings.base_url}")
    children.append(Child("worker", lambda: _program("worker", settings), patience=2))
    if seed:
        _fill(settings, children)
    if answers:
        _tell_addresses(settings)
    while True:
        time.sleep(0.2)
        _keep(children)


def _fill(settings: Settings, children: "list[Child]") -> None:
    """`preuve seed` beside those who serve: in production the catalogue alone, and nothing where it was done before."""
    server = _program("seed", settings, "--first-time")
    try:
        while server.process.poll() is None:
            time.sleep(0.2)
            _keep(children)
    finally:
        server.stop(seconds=1)
        server.bury()
    if server.process.returncode:
        raise SettingsFault(
            "The new database could not be filled: the reason stands above. `preuve seed` tries it again."
        )


def web(arguments: argparse.Namespace, settings: Settings) -> int:
    """`preuve web`: become granian, so that a signal to this process reaches no one in between."""
    granian = ["granian", "--interface", "asgi", "--factory", "service.serving:application"]
    address = ["--host", settings.host, "--port", str(settings.port)]
    workers = ["--workers", str(settings.web_workers), "--respawn-failed-workers", "--respawn-interval", "0.5"]
    quiet = ["--workers-kill-timeout", str(DRAIN_SECONDS), "--log-level", "warning"]
    patience = ["--http1-header-read-timeout", str(HEADER_SECONDS * 1000)]
    program = [sys.executable, "-m", *granian, *address, *workers, *quiet, *patience]
    os.execve(sys.executable, program, _environment(settings))


class Child:
    """A process that is to run as long as we do: how to start it, and when to try again after it died."""

    def __init__(self, name: str, start: Callable[[], processes.Server], *, patience: float):
        self.name = name
        self.start = start
        self.patience = patience
        self.failures = 0
        self.again_at = 0.0
        self.since = time.monotonic()
        self.server = start()

    def keep(self) -> None:
        """Start it again if it died; wait twice as long after each failure, up to half a minute."""
        now = time.monotonic()
        if self.server.process.poll() is None:
            return
        if not self.again_at:
            self.server.bury()
            self.failures = 0 if now - self.since > STEADY_SECONDS else self.failures + 1
            self.again_at = now + (min(LONGEST_WAIT, 0.25 * 2**self.failures) if self.failures else 0)
            _say(f"{self.name} ended unexpectedly (status {self.server.process.returncode}); it is started again.")
        if now >= self.again_at:
            self.again_at, self.since = 0.0, now
            self._start_again()

    def _start_again(self) -> None:
        try:
            self.server = self.start()
        except SettingsFault as fault:
            _say(str(fault))
            self.failures += 1
            self.again_at = time.monotonic() + min(LONGEST_WAIT, 0.25 * 2**self.failures)


def _check(settings: Settings) -> None:
    """Refuse what cannot work, before anything is changed."""
    sharing.check_folder(settings.data)
    if holder := sharing.user(settings.data):
        raise SettingsFault(f"{settings.data} is already used by {holder}.")
    sharing.check_programs(settings)
    sharing.check_given(settings)
    if not processes.until(lambda: _free(settings.host, settings.port), seconds=1):
        raise SettingsFault(f"PREUVE_PORT: port {settings.port} on {settings.host} is taken by another program.")


def _free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise SettingsFault(f"PREUVE_HOST: {host} is not an address of this machine.") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            raise SettingsFault(f"PREUVE_PORT: this account may not listen on port {port}.") from None
        except OSError as fault:
            if fault.errno == errno.EADDRNOTAVAIL:
                raise SettingsFault(f"PREUVE_HOST: {host} is not an address of this machine.") from None
            return False
    return True


def _with_servers(settings: Settings, children: list[Child]) -> Settings:
    binaries = sharing.chosen_binaries(settings)
    database = queue = ""
    if not settings.database_url:
        children.append(
            Child("PostgreSQL", lambda: embedded.start_postgres(settings.data, binaries=binaries), patience=2)
        )
        database = children[-1].server.url
    if not settings.redis_url:
        children.append(Child("Valkey", lambda: embedded.start_valkey(settings.data), patience=1))
        queue = children[-1].server.url
    if database or queue:
        sharing.announce(settings.data, sharing.Addresses(database, queue))
    return sharing.filled(settings, database, queue)


def _program(name: str, settings: Settings, *arguments: str) -> processes.Server:
    """Start `preuve web`, `worker` or `seed`. Killed when we are killed: without a database there is nothing to save."""
    process = subprocess.Popen(
        [sys.executable, "-m", "service", name, *arguments],
        stdin=subprocess.DEVNULL,
        env=_environment(settings),
        start_new_session=True,
        preexec_fn=processes.leash(signal.SIGKILL),
    )
    return processes.Server(name, settings.base_url, process, (signal.SIGTERM,))


def _environment(settings: Settings) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if name != "PREUVE_OWNER_URL"
    }  # none of its business
    return inherited | {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}


def _answers(settings: Settings, children: list[Child]) -> bool:
    """Wait until the web server answers a request; keep the others alive meanwhile."""

    def answer() -> bool:
        _keep(children)
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
        connection = http.client.HTTPConnection(host, settings.port, timeout=2)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/live")
            return connection.getresponse().status < 500
        return False

    return processes.until(answer, seconds=ANSWER_SECONDS)


def _keep(children: list[Child]) -> None:
    for child in children:
        child.keep()


def _tell_addresses(settings: Settings) -> None:
    lines = [("Preuve", settings.base_url)]
    for hook in _hooks(ADDRESSES):
        lines += hook(settings)
    if not settings.smtp_url:
        lines.append(("Mail is read at", f"{settings.base_url}/mail"))
        lines.append(("and kept in", str((settings.data / "mail").resolve())))
    width = max(len(label) for label, _ in lines)
    for label, address in lines:
        _say(f"{label:<{width}}  {address}")
    _say("Ctrl-C ends it.")


def _hooks(names: tuple[str, ...]) -> Iterator[Callable[..., list[tuple[str, str]]]]:
    for name in names:
        module, _, function = name.partition(":")
        if find_spec(module) is not None:
            yield getattr(import_module(module), function)


@contextmanager
def _ended_in_order() -> Iterator[list[Child]]:
    """The children; on leaving they end in the reverse order of their start, whatever the reason."""
    children: list[Child] = []
    try:
        yield children
    finally:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        for child in reversed(children):
            child.server.stop(seconds=child.patience)
            child.server.bury()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    with suppress(OSError):  # the terminal may be gone
        print(line, flush=True)
