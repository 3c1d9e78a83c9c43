"""What beat asks for and how often, in seconds, and who does it.

Whatever is due stands in the database: a message lost costs one interval.
"""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "evaluate-due": {"task": "batches.tasks.evaluate_due", "schedule": 2.0, "options": {"expires": 10}},
    "review-pools": {"task": "batches.tasks.review_pools", "schedule": 3.0, "options": {"expires": 10}},
    "forecast-lines": {"task": "batches.tasks.forecast_lines", "schedule": 5.0, "options": {"expires": 15}},
    "refresh-typical-durations": {"task": "batches.tasks.refresh_typical_durations", "schedule": 900.0},
    "refresh-learned-durations": {
        "task": "batches.tasks.refresh_learned_durations",
        "schedule": crontab(minute=15, hour="*/6"),
    },
    "resume-ramp-ups": {"task": "batches.tasks.resume_ramp_ups", "schedule": 10.0, "options": {"expires": 9}},
    "look-ahead": {"task": "batches.tasks.look_ahead", "schedule": crontab(minute=40, hour="*/6")},
    "score-predictions": {"task": "batches.tasks.score_predictions", "schedule": 300.0, "options": {"expires": 250}},
    "refresh-outcomes": {"task": "batches.tasks.refresh_outcomes", "schedule": 120.0, "options": {"expires": 100}},
    "deliver-notifications": {
        "task": "batches.tasks.deliver_notifications",
        "schedule": 3.0,
        "options": {"expires": 10},
    },
    "send-mails": {"task": "batches.tasks.send_mails", "schedule": 5.0, "options": {"expires": 10}},
    "forget-old-notifications": {"task": "batches.tasks.forget_old_notifications", "schedule": 86_400.0},
}

# What computes for seconds goes to the simulator, a worker of its own.
ROUTES: dict[str, dict[str, str]] = {
    f"batches.tasks.{name}": {"queue": "simulation"}
    for name in ("forecast_lines", "run_ramp_up", "refresh_learned_durations")
}
