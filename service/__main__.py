"""The command line: `preuve <command>`, one line of the table each; the work lives in the module it names."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import msgspec

from service import embedded
from service.settings import Settings, SettingsFault, read


class Command(msgspec.Struct, frozen=True):
    """A command: `module.function(arguments, settings) -> exit status`, and which servers it needs.

    `servers` is "start" (uses those given or running, else starts them for itself), "join" (does not start any) or
    "" (sees to itself). A module may offer `add_arguments(parser)`.
    """

    help: str
    module: str
    function: str = "command"
    servers: str = "start"


COMMANDS = {
    "run": Command("start everything here, and end it on Ctrl-C", "service.running", servers=""),
    "web": Command("serve pages and the API only", "service.running", "web", servers="join"),
    "worker": Command("carry out what the outbox holds: reactions, mails", "service.worker", servers="join"),
    "migrate": Command("bring the database to today's schema", "service.migrating"),
    "seed": Command("fill an empty database with the catalogue and the year 2023", "service.seed"),
    "check": Command("audit every invariant over the whole database", "service.check"),
    "audit": Command("hold the audit trail against its sealed log", "service.auditing"),
    "bundle": Command(
        "make or verify the file of a session or a year for whoever accredits", "service.bundling.command", servers=""
    ),
    "keys": Command("list or rotate the keys that seal national numbers", "service.keys"),
    "retention": Command("forget what is no longer needed, or say what would go", "service.retention"),
    "report": Command("print a report, for example the annual table", "service.report"),
    "tour": Command("play the whole journey on a throwaway database", "service.tour", servers=""),
    "settings": Command("list every environment variable", "service.settings", servers=""),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Status 2 and one sentence when a setting or a server is not as it must be."""
    given = list(sys.argv[1:] if argv is None else argv)
    parser, chosen = _parser(given[0] if given else "")
    arguments = parser.parse_args(given)
    try:
        return _run(arguments.command, chosen, arguments)
    except SettingsFault as fault:
        sys.stderr.write(f"preuve: {fault}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def _parser(chosen: str) -> "tuple[argparse.ArgumentParser, object]":
    """Every command is listed; only the chosen one is imported, so that help costs nothing."""
    parser = argparse.ArgumentParser(prog="preuve", description="Skills validation and assessment booking.")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    module = None
    for name, command in COMMANDS.items():
        arguments = commands.add_parser(name, help=command.help, description=command.help)
        if name == chosen:
            module = import_module(command.module)
            if hasattr(module, "add_arguments"):
                module.add_arguments(arguments)
    return parser, module


def _run(name: str, module: object, arguments: argparse.Namespace) -> int:
    command = COMMANDS[name]
    settings = read(os.environ)
    if not command.servers:
        return _act(module, command, arguments, settings)
    with embedded.servers(settings, who=f"preuve {name}", start=command.servers == "start") as settings:
        return _act(module, command, arguments, settings)


def _act(module: object, command: Command, arguments: argparse.Namespace, settings: Settings) -> int:
    return int(getattr(module, command.function)(arguments, settings))


if __name__ == "__main__":
    sys.exit(main())
