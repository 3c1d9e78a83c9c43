"""Which of the ways of OAuth 2.0 to a token are open: that of a system with its own secret, and no other."""

from oauthlib.oauth2 import BackendApplicationServer


class ClientCredentialsOnly(BackendApplicationServer):
    """Client credentials (RFC 6749 §4.4). Codes, passwords, devices and refreshing are refused: nobody uses them."""


# RFC 9700 (best current practice of OAuth 2.0), every switch of it: no token is kept, only its checksum.
CLIENT_CREDENTIALS_ONLY = {
    "OAUTH2_SERVER_CLASS": f"{__name__}.{ClientCredentialsOnly.__name__}",
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["client_credentials"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    **{f"COMPLIANT_BCP_RFC9700_{switch}": True for switch in (
        "IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "PKCE_REQUIRED", "ACCESS_TOKEN_TRANSPORT",
        "AUTHZ_RESPONSE_ISS", "TOKEN_STORAGE", "REFRESH_TOKEN", "REDIRECT_URI_SCHEME", "REDIRECT_URI_MATCHING",
    )},
}  # fmt: skip
