"""Every address of the site."""

from django.urls import include, path
from oauth2_provider.views import TokenView

urlpatterns = [
    path("oauth/token/", TokenView.as_view(), name="oauth_token"),
    path("api/", include("dashboards.api.urls")),
    path("", include("batches.urls")),
    path("", include("dashboards.urls")),
]
