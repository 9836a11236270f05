"""The real PostgreSQL and Valkey from wheels, for whoever gave no address of their own."""

from service.embedded.postgres import start as start_postgres
from service.embedded.processes import Server
from service.embedded.sharing import servers
from service.embedded.valkey import start as start_valkey

__all__ = ["Server", "servers", "start_postgres", "start_valkey"]
