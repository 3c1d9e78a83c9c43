"""Every address of signing in and of a person's own settings; what allauth has besides is not reachable."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as keys
from allauth.socialaccount import views as social
from allauth.usersessions import views as sessions
from django.urls import path, register_converter

from supplychain.pages.access import signed_in
from supplychain.sign_in.provider import PROVIDER
from supplychain.sign_in.views import ways_in as sign_in
from supplychain.sign_in.views.profile import profile


class UserKey:
    """A person's id as password links bear it: without the dash that stands after it."""

    regex = "[0-9A-Za-z]+"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(UserKey, "user_key")
OF_PROVIDER = {"provider_id": PROVIDER}

urlpatterns = [
    path("login/", sign_in.Login.as_view(), name="login"),
    path("logout/", sign_in.Logout.as_view(), name="logout"),
    # allauth looks for both by its own names.
    path("login/", sign_in.Login.as_view(), name="account_login"),
    path("logout/", sign_in.Logout.as_view(), name="account_logout"),
    path("login/switched-off/", account.account_inactive, name="account_inactive"),
    path("login/second-factor/", mfa.authenticate, name="mfa_authenticate"),
    path("login/stay/", sign_in.stay_signed_in, name="stay_signed_in"),
    path("password/forgotten/", account.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/new/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path(
        "password/new/<user_key:uidb36>-<path:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("sso/", sign_in.single_sign_on, name="single_sign_on"),
    path("sso/callback/", sign_in.single_sign_on_answer, OF_PROVIDER, name="openid_connect_callback"),
    path("sso/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("profile/", profile, name="profile"),
    path("profile/password/", signed_in(account.password_change), name="account_change_password"),
    path("profile/no-password/", sign_in.no_password, name="account_set_password"),
    path("profile/confirm/", signed_in(account.reauthenticate), name="account_reauthenticate"),
    path("profile/confirm/code/", signed_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("profile/confirm/key/", signed_in(keys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("profile/logins/", signed_in(sessions.list_usersessions), name="usersessions_list"),
    path("profile/second-factor/", signed_in(sign_in.SecondFactor.as_view()), name="mfa_index"),
    path("profile/second-factor/app/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("profile/second-factor/app/remove/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("profile/second-factor/keys/", signed_in(keys.list_webauthn), name="mfa_list_webauthn"),
    path("profile/second-factor/keys/add/", signed_in(keys.add_webauthn), name="mfa_add_webauthn"),
    path("profile/second-factor/keys/<int:pk>/", signed_in(keys.edit_webauthn), name="mfa_edit_webauthn"),
    path("profile/second-factor/keys/<int:pk>/remove/", signed_in(keys.remove_webauthn), name="mfa_remove_webauthn"),
    path("profile/second-factor/codes/", signed_in(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "profile/second-factor/codes/new/", signed_in(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "profile/second-factor/codes/download/",
        signed_in(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
]
