"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from oauth2_provider.views import TokenView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("oauth/token/", TokenView.as_view(), name="oauth_token"),
    path("api/", include("dashboards.api.urls")),
    path("", include("django_prometheus.urls")),
    path("", include("dashboards.urls")),
]
