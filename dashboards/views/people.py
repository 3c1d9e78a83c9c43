"""Logging in and out."""

from django.contrib.auth.views import LoginView, LogoutView


class Login(LoginView):
    """The way in; somebody who is in already goes on to the control tower."""

    template_name = "dashboards/login.html"
    redirect_authenticated_user = True


class Logout(LogoutView):
    """The way out, by POST only."""

    http_method_names = ["post", "options"]
