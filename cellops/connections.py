"""How connections to PostgreSQL find out that the other side is gone, and how long anything may wait there.

A machine that loses its power or its cable says no farewell: without these a claim in its hands stays locked until
TCP gives up, many minutes later, and whoever needs one of its orders waits as long.
"""

from typing import Any

# Our side: ask after ten quiet seconds, give up after three questions or 20 s without an acknowledgement (ms).
OURS = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# The server's side of our sessions: the same, also while it computes for somebody who is gone, then how long a
# transaction may stand still (a process that was stopped in the middle of it; its machine still answers) and how long
# a statement may wait for a lock.
THEIRS = {
    "tcp_keepalives_idle": "10s",
    "tcp_keepalives_interval": "5s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20s",
    "client_connection_check_interval": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "10s",
    # Not a limit: what a page costs that is not the next one. PostgreSQL's own figure, 4, is that of turning disks;
    # with it a look at fifty orders reads all that ever were.
    "random_page_cost": "1.1",
}


def patient(database: dict[str, Any]) -> dict[str, Any]:
    """Django's settings of a database with these limits; what its address says (`?options=…`) stands before them.

    Connections are kept, and looked at before they are used again.
    """
    limits = OURS | {"options": " ".join(f"-c {name}={value}" for name, value in THEIRS.items())}
    kept = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    return database | kept | {"OPTIONS": limits | database.get("OPTIONS", {})}
