"""What the database alone takes for the same rows: pgbench and COPY, on tables of the same shape and indexes."""

import multiprocessing
import os
import re
import shutil
import subprocess
import time
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cellops.services.homes import package_folder
from tests.bench.databases import connect, execute, url_of

ORDERS = 20_000
BATCH_ROWS = 1_000
SOURCE = UUID(int=1)
PATIENCE_SECONDS = 60
COPY_COLUMNS = ("kind", "stage", "attempt", "occurred_at", "recorded_at", "resource", "payload", "id", "order_id",
                "position", "source_id", "user_id", "source_event_id", "content_hash", "hash")  # fmt: skip
TABLES_SQL = f"""
    CREATE TABLE bench_event (LIKE supplychain_statusevent INCLUDING ALL);
    CREATE TABLE bench_order (LIKE supplychain_patientorder INCLUDING ALL, number integer UNIQUE);
    INSERT INTO bench_order (id, coi, coi_issuer, patient_reference, product_id, flow_id, ordering_site_id,
        collection_site_id, infusion_site_id, plant_id, priority, ordered_at, status, current_stage, attempt,
        promised_at, surprises, withdrawn_events, version, seal, number)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'coi-' || n, 'bench', 'patient-' || n, product, product, site, site, site,
        site, 'routine', now(), 'in_progress', 'selection', 1, now() + n * interval '1 minute', '[]', '[]', 1,
        encode(sha256(n::text::bytea), 'hex'), n
    FROM (SELECT n, lpad(to_hex(n % 2 + 1), 32, '0')::uuid AS product, lpad(to_hex(n % 10 + 1), 32, '0')::uuid AS site
        FROM generate_series(1, {ORDERS}) AS n) AS numbered;
    ANALYZE"""
PGBENCH_SCRIPT = f"""\\set number random(1, {ORDERS})
\\set position random(1, 2000000000)
BEGIN;
INSERT INTO bench_event (id, order_id, position, kind, stage, occurred_at, recorded_at, source_id, source_event_id,
    resource, payload, content_hash, hash)
    VALUES (gen_random_uuid(), lpad(to_hex(:number), 32, '0')::uuid, :position, 'started', 'selection', now(), now(),
    '{SOURCE}', 'event ' || :client_id || ' ' || :position, 'unit 1', '{{"suite": "S1", "batch_number": "LOT-1"}}',
    md5(:position::text) || md5(:number::text), md5(:number::text) || md5(:position::text));
UPDATE bench_order SET status = 'in_progress', version = version + 1, last_recorded_at = now(),
    seal = md5(:number::text) || md5(:position::text)
    WHERE id = lpad(to_hex(:number), 32, '0')::uuid;
COMMIT;
"""


def order_id(number: int) -> str:
    """The id of a row of bench_order, numbered from 1."""
    return str(UUID(int=number))


def make_tables(database: str) -> None:
    """The two tables, with orders in them."""
    execute(database, TABLES_SQL)


def pgbench(database: str, folder: Path, *, clients: int = 8, seconds: int) -> float:
    """Transactions a second, each one bare insert and one update by key."""
    script = folder / "pgbench.sql"
    script.write_text(PGBENCH_SCRIPT, encoding="utf-8")
    program = package_folder() / "pginstall" / "bin" / "pgbench"
    command = [program if program.exists() else shutil.which("pgbench"), "-n", "-c", clients, "-j", 2, "-T", seconds]
    parts = [str(part) for part in (*command, "-f", script, url_of(database))]
    said = subprocess.run(parts, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout
    return float(re.search(r"tps = ([\d.]+)", said)[1])


def copy_rate(database: str, *, batches: int, connections: int = 1) -> float:
    """Rows a second by COPY in batches of 1,000, each batch a transaction."""
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(connections)
    with context.Pool(connections, _wait_at, (ready,)) as pool:
        times = pool.map(_copy, [(database, batches)] * connections, chunksize=1)
    starts, ends = zip(*times, strict=True)
    return connections * batches * BATCH_ROWS / (max(ends) - min(starts))


def _wait_at(barrier: Any) -> None:
    global _ready
    _ready = barrier


def _copy(work: tuple[str, int]) -> tuple[float, float]:
    """When it began and when it ended; nobody begins before all have connected and made their rows."""
    database, batches = work
    texts = [_copy_text() for _ in range(batches)]
    command = f"COPY bench_event ({', '.join(COPY_COLUMNS)}) FROM STDIN"
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        _ready.wait(PATIENCE_SECONDS)
        start = time.time()
        for text in texts:
            cursor.copy_expert(command, StringIO(text))
    return start, time.time()


def _copy_text() -> str:
    said = 'started\tselection\t\\N\t2026-03-02 08:00:00+00\t2026-03-02 08:00:01+00\tunit 1\t{"suite": "S1"}'
    lines = []
    for number in range(BATCH_ROWS):
        event, order, digest = uuid4(), uuid4(), uuid4().hex * 2
        lines.append(f"{said}\t{event}\t{order}\t{number + 1}\t{SOURCE}\t\\N\t{order}-started\t{digest}\t{digest}\n")
    return "".join(lines)
