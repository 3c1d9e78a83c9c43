"""Every address of the site."""

from django.urls import include, path

from supplychain.admin import master_data
from supplychain.sign_in.tokens import Token

urlpatterns = [
    path("oauth/token/", Token.as_view(), name="oauth_token"),
    path("api/", include("dashboards.api_urls")),
    path("admin/", master_data.urls),
    path("", include("supplychain.urls")),
    path("", include("batches.urls")),
    path("", include("dashboards.urls")),
]

handler400 = "supplychain.pages.errors.bad_request"
handler500 = "supplychain.pages.errors.server_error"
