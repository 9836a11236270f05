"""Ports to listen on."""

import random
import socket

FIRST, LAST = 20_000, 32_000  # below those that the kernel hands to clients: no connection takes one before we listen


def free_port() -> int:
    """A port of this machine that nobody listens on, chosen by chance so that tests side by side do not meet."""
    for port in random.SystemRandom().sample(range(FIRST, LAST), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port that was tried is taken")
