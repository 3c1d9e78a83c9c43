"""How long a sign-in lasts: a shift at most, and less when nobody touches the page.

What a page fetches by itself (live fragments, the stream) does not count as use: an open board on an abandoned ward
computer would otherwise stay signed in for ever. dashboards/js/idle.js marks such requests and reports real use.
"""

import time

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from supplychain.sign_in.addresses import address_of

BEGAN_AT, USED_AT = "sign_in_began_at", "sign_in_used_at"
BACKGROUND = "X-Background"
# Use is noted at most this often, in seconds: noting it is a write.
GRAIN = 60.0

log = structlog.get_logger(__name__)


def why_ended(session: SessionBase, now: float) -> str:
    """Why this session is over at `now` (seconds since 1970): `shift`, `idle`, or "" if it goes on."""
    began, used = session.get(BEGAN_AT), session.get(USED_AT)
    if began is not None and now - began > settings.SESSION_COOKIE_AGE:
        return "shift"
    if used is not None and 0 < settings.SESSION_IDLE_SECONDS < now - used:
        return "idle"
    return ""


class SessionLifeMiddleware(MiddlewareMixin):
    """Ends sessions whose time is over, and notes that a session is used. `request.session_ended` says why."""

    def process_request(self, request: HttpRequest) -> None:
        """Asks for the session only where the browser sent one."""
        request.session_ended = ""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or SESSION_KEY not in request.session:
            return
        now = time.time()
        request.session_ended = why_ended(request.session, now)
        if request.session_ended:
            _end(request)
        elif BACKGROUND not in request.headers:
            _note_use(request.session, now)


def _end(request: HttpRequest) -> None:
    log.info("session ended", reason=request.session_ended, username=request.user.username, address=address_of(request))
    logout(request)


def _note_use(session: SessionBase, now: float) -> None:
    grain = min(GRAIN, settings.SESSION_IDLE_SECONDS / 4 or GRAIN)
    if BEGAN_AT not in session:
        session[BEGAN_AT] = now
    if now - session.get(USED_AT, 0) > grain:
        session[USED_AT] = now


@receiver(user_logged_in, dispatch_uid="sign_in_began")
def _on_login(sender: object, request: HttpRequest, **kwargs: object) -> None:
    request.session[BEGAN_AT] = request.session[USED_AT] = time.time()
