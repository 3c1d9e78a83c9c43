"""What beat asks of signing in."""

from celery import shared_task

from supplychain.sign_in.actions import forget_expired


@shared_task(name="supplychain.sign_in.forget_expired")
def forget_expired_sign_ins() -> None:
    """Tokens of systems and sessions of people whose time is over."""
    forget_expired()
