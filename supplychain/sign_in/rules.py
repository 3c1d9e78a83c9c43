"""What a single sign-on provider says about a person, and what of it counts."""

from collections.abc import Mapping
from typing import Any

NO_EMAIL = "no_email"
NOT_VERIFIED = "not_verified"
CONTRADICTION = "contradiction"
UNKNOWN = "nobody_known"
SHARED = "shared"
OTHER_ACCOUNT = "other_account"
SWITCHED_OFF = "switched_off"


def asserted_email(said: Mapping[str, Any], *, always_verified: bool) -> tuple[str, str]:
    """The address by which the person is known, or why there is none: `(email, "")` or `("", reason)`.

    `said` holds the claims of the ID token (`id_token`) and, if it was asked, of the user-info endpoint (`userinfo`).
    Both must speak of the same subject (OpenID Connect Core 1.0, 5.3.2), and the address counts only where
    `email_verified` stands beside it and is true; some providers send it as text. `always_verified`: the provider is
    known to give out addresses that it verified without saying so.
    """
    token, info = said.get("id_token") or {}, said.get("userinfo") or {}
    if not token.get("sub") or (info and info.get("sub") != token["sub"]):
        return "", CONTRADICTION
    with_email = [part for part in (token, info) if part.get("email")]
    for part in with_email:
        if always_verified or part.get("email_verified") in (True, "true", "True"):
            return str(part["email"]).strip().lower(), ""
    return "", NOT_VERIFIED if with_email else NO_EMAIL
