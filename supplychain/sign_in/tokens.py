"""The token address of systems (OAuth 2.0 client credentials), with a limit for wrong credentials.

A secret cannot be guessed, but checking one costs a third of a second of processor time on purpose.
"""

import base64
import binascii
from http import HTTPStatus

import structlog
from allauth.core import ratelimit
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.models import get_application_model
from oauth2_provider.views import TokenView

from supplychain.characters import is_storable
from supplychain.sign_in.addresses import address_of

WAIT_SECONDS = 60
# Of one client at one address, and of one address: nobody elsewhere can lock a hospital's system out.
OF_CLIENT, OF_ADDRESS = "token_failed_of_client", "token_failed_of_address"
LONGEST_NAME = 100
GRANT = "client_credentials"

log = structlog.get_logger(__name__)


class Token(TokenView):
    """As django-oauth-toolkit answers, except that failures are counted and recorded."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """400 for any other grant; 429 after too many wrong credentials (see ACCOUNT_RATE_LIMITS)."""
        # The toolkit answers some grants by itself, before it asks which are open.
        if request.POST.get("grant_type", GRANT) not in ("", GRANT):
            return _unknown_grant()
        client = _client_of(request)
        limits = ((OF_CLIENT, f"{address_of(request)} {client}"), (OF_ADDRESS, address_of(request)))
        if not all(ratelimit.consume(request, action=action, key=key, dry_run=True) for action, key in limits):
            log.warning("token refused", client=client, address=address_of(request), reason="too many failures")
            return _too_many()
        answer = super().post(request, *args, **kwargs)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            log.warning("token refused", client=client, address=address_of(request), reason="wrong credentials")
            for action, key in limits:
                ratelimit.consume(request, action=action, key=key)
            if client and not _is_known(client):
                make_password(client)  # as long as for a client that there is: the time does not tell which there are
        return answer


def _unknown_grant() -> HttpResponse:
    body = {"error": "unsupported_grant_type", "error_description": f"Ask with grant_type={GRANT}."}
    return JsonResponse(body, status=HTTPStatus.BAD_REQUEST, headers={"Cache-Control": "no-store"})


def _too_many() -> HttpResponse:
    text = f"Too many wrong client credentials from your address. Correct them and ask again in {WAIT_SECONDS} seconds."
    body = {"error": "too_many_requests", "error_description": text}
    headers = {"Retry-After": str(WAIT_SECONDS), "Cache-Control": "no-store"}
    return JsonResponse(body, status=HTTPStatus.TOO_MANY_REQUESTS, headers=headers)


def _is_known(client: str) -> bool:
    return is_storable(client) and get_application_model().objects.filter(client_id=client).exists()


def _client_of(request: HttpRequest) -> str:
    """The client id as it was sent, in the header or in the body; "" if there is none."""
    kind, _, word = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return request.POST.get("client_id", "")[:LONGEST_NAME]
    try:
        return base64.b64decode(word).decode().partition(":")[0][:LONGEST_NAME]
    except (binascii.Error, UnicodeDecodeError):
        return ""
