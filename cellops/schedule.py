"""What beat asks for and how often, in seconds, and who does it; how Celery is set.

Whatever is due stands in the database: a message lost costs one interval.
"""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "evaluate-due": {"task": "batches.flags.evaluate_due", "schedule": 2.0, "options": {"expires": 10}},
    "review-pools": {"task": "batches.lines.review_pools", "schedule": 3.0, "options": {"expires": 10}},
    "forecast-lines": {"task": "batches.forecasts.forecast_lines", "schedule": 5.0, "options": {"expires": 15}},
    "refresh-typical-durations": {"task": "batches.durations.refresh_typical_durations", "schedule": 900.0},
    "refresh-learned-durations": {
        "task": "batches.durations.refresh_learned_durations",
        "schedule": crontab(minute=15, hour="*/6"),
    },
    "resume-ramp-ups": {"task": "batches.ramp_ups.resume_ramp_ups", "schedule": 10.0, "options": {"expires": 9}},
    "look-ahead": {"task": "batches.ramp_ups.look_ahead", "schedule": crontab(minute=40, hour="*/6")},
    "score-predictions": {
        "task": "batches.calibration.score_predictions",
        "schedule": 300.0,
        "options": {"expires": 250},
    },
    "replay-past-weeks": {
        "task": "batches.calibration.replay_past_weeks",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "score-verdicts": {"task": "batches.lines.score_verdicts", "schedule": crontab(minute=50)},
    "try-verdicts": {"task": "batches.trials.try_verdicts", "schedule": 30.0, "options": {"expires": 25}},
    "refresh-outcomes": {"task": "batches.outcomes.refresh_outcomes", "schedule": 120.0, "options": {"expires": 100}},
    "deliver-notifications": {
        "task": "batches.notifications.deliver_notifications",
        "schedule": 3.0,
        "options": {"expires": 10},
    },
    "send-mails": {"task": "batches.notifications.send_mails", "schedule": 5.0, "options": {"expires": 10}},
    "forget-old-changes": {"task": "supplychain.orders.forget_changes", "schedule": 86_400.0},
    "check-new-events": {"task": "supplychain.orders.check_new_events", "schedule": 10.0, "options": {"expires": 9}},
    "resume-reading-files": {
        "task": "supplychain.conditions.resume_files",
        "schedule": 10.0,
        "options": {"expires": 9},
    },
    "recheck-seals": {"task": "supplychain.orders.recheck_seals", "schedule": 15.0, "options": {"expires": 14}},
    "forget-expired-sign-ins": {
        "task": "supplychain.sign_in.forget_expired",
        "schedule": crontab(minute=25, hour=3),
    },
    "forget-old-notifications": {"task": "batches.notifications.forget_old_notifications", "schedule": 86_400.0},
}

# What computes for seconds goes to the simulator, what reads much to the reviewer, each a worker of its own: the worker
# judges orders and tells people, and no news waits behind anything else.
QUEUES = {
    "simulation": (
        "batches.forecasts.forecast_lines",
        "batches.lines.score_verdicts",
        "batches.ramp_ups.run_ramp_up",
        "batches.durations.refresh_learned_durations",
        "batches.calibration.replay_past_weeks",
        "batches.trials.try_verdicts",
    ),
    "reviews": (
        "batches.lines.review_pools",
        "batches.durations.refresh_typical_durations",
        "batches.calibration.score_predictions",
        "batches.outcomes.refresh_outcomes",
        "batches.ramp_ups.resume_ramp_ups",
        "batches.ramp_ups.look_ahead",
        "supplychain.conditions.read_file",
        "supplychain.conditions.resume_files",
        "supplychain.orders.check_new_events",
        "supplychain.orders.recheck_seals",
    ),
}
ROUTES: dict[str, dict[str, str]] = {name: {"queue": queue} for queue, names in QUEUES.items() for name in names}

# Celery's own settings that no installation changes.
DEFAULTS: dict[str, Any] = {
    "beat_schedule": SCHEDULE,
    "task_routes": ROUTES,
    "task_ignore_result": True,
    # Tasks are acknowledged as they start: what a killed worker leaves is still due in the database, beat asks again.
    # Held acknowledgements would also make Celery's consumer stop when the broker restarts.
    "worker_prefetch_multiplier": 1,
    "broker_connection_retry_on_startup": True,
    "broker_transport_options": {"visibility_timeout": 600, "socket_timeout": 10, "socket_connect_timeout": 5},
    "task_publish_retry": False,
    # A task that takes longer hangs: its process is killed and replaced.
    "task_time_limit": 1200,  # seconds
}
