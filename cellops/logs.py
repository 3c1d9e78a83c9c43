"""Logging: one line per event, JSON in production, plain text in demo mode."""

import logging.config
import sys
from collections.abc import MutableMapping
from typing import Any

import redis.exceptions
import structlog
from django.core.exceptions import SuspiciousOperation
from django.db.utils import InterfaceError, OperationalError

# A server that is away fails every task and request in the same way: where in our code says nothing.
AWAY = (InterfaceError, OperationalError, redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)
# SQLSTATEs (or how they begin) that say the same of PostgreSQL: connection, shutdown, lock timeout. Without one: no
# connection. Other operational errors, a deadlock for example, keep their traceback.
AWAY_STATES = ("08", "57P", "55P03")
# Libraries that wrap what a server said.
WRAPPERS = ("celery.beat", "kombu.exceptions")


def configure_logging(*, level: str, as_json: bool) -> None:
    """Send the standard library's and structlog's records to standard error in one format."""
    shared = [
        in_one_line,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": level},
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def in_one_line(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A lost connection is told in one line, without its traceback; so is what was refused, which anybody can send."""
    error = _error(event.get("exc_info"))
    if isinstance(error, SuspiciousOperation):
        del event["exc_info"]
    elif error is not None and _is_away(error):
        del event["exc_info"]
        said = (str(error).splitlines() or [type(error).__name__])[0]
        event["event"] = str(event["event"]).splitlines()[0]
        event["lost"] = said
    return event


def _error(said: Any) -> BaseException | None:
    """The exception of a log record, which may be told in three ways."""
    if isinstance(said, tuple):
        return said[1]
    return said if isinstance(said, BaseException) else sys.exc_info()[1] if said else None


def _is_away(error: BaseException) -> bool:
    while type(error).__module__ in WRAPPERS and (inner := error.__cause__ or error.__context__):
        error = inner
    state = getattr(error.__cause__, "pgcode", None)
    return isinstance(error, AWAY) and (state is None or state.startswith(AWAY_STATES))
