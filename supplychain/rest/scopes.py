"""Which scopes a token may carry: those of the source system behind the client."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes
from oauthlib.oauth2.rfc6749.errors import UnauthorizedClientError

from supplychain.systems.models import SourceSystem


class SourceScopes(SettingsScopes):
    """The scopes backend of django-oauth-toolkit, asked when `/oauth/token/` grants a token."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """The scopes a client may ask for; without a client (the server's metadata): all there are."""
        if application is None:
            return list(self.get_all_scopes())
        return _scopes_of(application) or []

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """The scopes of a client that asks for none: all it may have.

        Raises UnauthorizedClientError for a client without an active source: a token that may do nothing helps nobody.
        """
        scopes = _scopes_of(application)
        if not scopes:
            text = "This client may not report: its source is deactivated or has no scope. Ask an administrator."
            raise UnauthorizedClientError(description=text, request=request)
        return scopes


def _scopes_of(application: Any) -> list[str] | None:
    """The scopes of the active source behind an application that are still known; None: there is no such source."""
    source = SourceSystem.objects.filter(application=application, is_active=True).first()
    return None if source is None else [scope for scope in source.scopes if scope in SettingsScopes().get_all_scopes()]
