"""The real processes, and their sudden deaths: the whole of `preuve run`, or a web server of two processes alone."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from service.embedded.processes import until
from service.embedded.sharing import Addresses
from tests.builders.ports import free_port

HOUSE = Path(__file__).parents[2]
WEB_PROCESSES = 2


class Servers:
    """Something that serves on `port`, and what can be done to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, folder: Path, log: Path) -> None:
        self.process = process
        self.port = port
        self.folder = folder
        self.log = log

    @property
    def addresses(self) -> Addresses:
        """Of the PostgreSQL and the Valkey that `preuve run` has started."""
        return msgspec.json.decode((self.folder / "servers.json").read_bytes(), type=Addresses)

    def web_main(self) -> int:
        """The process id of granian's main process."""
        return next(pid for pid in (self.process.pid, *children(self.process.pid)) if "granian" in command_line(pid))

    def web_processes(self) -> list[int]:
        """The process ids of those that answer requests."""
        return [pid for pid in children(self.web_main()) if "tracker" not in command_line(pid)]

    def kill_a_web_process(self) -> None:
        os.kill(self.web_processes()[0], signal.SIGKILL)

    def kill_the_web_server(self) -> None:
        os.kill(self.web_main(), signal.SIGKILL)

    def kill_postgresql(self) -> None:
        """Its first process, which takes the others along: crash recovery at the next start."""
        os.kill(int((self.folder / "postgres.pid").read_text().split()[0]), signal.SIGKILL)


@contextmanager
def everything(folder: Path) -> Iterator[Servers]:
    """`preuve run` with a durable PostgreSQL in `folder`, two web processes, a worker, and nothing seeded."""
    with _running(folder, ["-m", "service", "run", "--with-parent", "--without-seed"], {}) as servers:
        yield servers


@contextmanager
def web(folder: Path, database_url: str, redis_url: str, **more: str) -> Iterator[Servers]:
    """`preuve web` on servers that run already."""
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **more}
    with _running(folder, ["-m", "service", "web"], given) as servers:
        yield servers


@contextmanager
def web_of(application: str, folder: Path, database_url: str, redis_url: str, **more: str) -> Iterator[Servers]:
    """Another application of ours ("module:function" that makes it), served as ours is."""
    granian = ["-m", "granian", "--interface", "asgi", "--workers", str(WEB_PROCESSES), "--log-level", "warning"]
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **more}
    with _running(folder, [*granian, "--factory", application], given) as servers:
        yield servers


@contextmanager
def naive_web(folder: Path, database_url: str) -> Iterator[Servers]:
    """The application that looks before it books (naive.py), served as ours is."""
    granian = ["-m", "granian", "--interface", "asgi", "--workers", str(WEB_PROCESSES), "--log-level", "warning"]
    with _running(folder, [*granian, "tests.faults.naive:application"], {"DATABASE_URL": database_url}) as servers:
        yield servers


@contextmanager
def _running(folder: Path, program: list[str], given: dict[str, str]) -> Iterator[Servers]:
    port, log = free_port(), folder.with_suffix(".log")
    if "granian" in program:
        program = [*program[:2], "--port", str(port), *program[2:]]
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREUVE_", "DATABASE_", "REDIS_"))
    }
    ours = {"PREUVE_DATA": str(folder), "PREUVE_PORT": str(port), "PREUVE_WEB_WORKERS": str(WEB_PROCESSES)}
    ours["PREUVE_RATE_LIMITS"] = "0"  # a storm comes from one address
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, *program],
            cwd=HOUSE,
            env=outside | ours | given,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        assert until(lambda: accepts(port) or process.poll() is not None, seconds=60), "it never listened"
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        yield Servers(process, port, folder, log)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]) == pid:
                    found.append(int(entry.name))
    return sorted(found)


def command_line(pid: int) -> str:
    with suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
