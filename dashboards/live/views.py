"""The live stream's address for a server that cannot stream; dashboards.live.server answers under ASGI."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET


@require_GET
def stream(request: HttpRequest) -> HttpResponse:
    """503: a synchronous server would give up one of its few threads for ten minutes. The page polls instead."""
    text = "The live stream is served by the ASGI process."
    return HttpResponse(text, status=503, content_type="text/plain")
