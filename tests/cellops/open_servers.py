"""PostgreSQL and Valkey that other machines reach, too: ours listen on the loopback address only."""

from cellops.services import ports
from cellops.services.postgres import PostgresServer
from cellops.services.processes import ManagedProcess
from cellops.services.valkey import ValkeyServer


class OpenPostgres(PostgresServer):
    """Asks everybody in its networks for the password."""

    def _make_cluster(self) -> None:
        super()._make_cluster()
        with (self.home.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet scram-sha-256\n")

    def _server_process(self) -> ManagedProcess:
        process = super()._server_process()
        process.command = [*process.command, "--listen_addresses=*"]
        return process


class OpenValkey(ValkeyServer):
    """The same."""

    def _configuration(self) -> str:
        return super()._configuration().replace(f"bind {ports.LOOPBACK}", "bind 0.0.0.0")
