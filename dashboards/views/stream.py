"""The live stream's view: says who may listen, then hands over to dashboards.stream."""

from urllib.parse import urlsplit
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from dashboards.context import host_name
from dashboards.stream import Client, messages


@require_GET
async def stream(request: HttpRequest) -> HttpResponseBase:
    """Events for the board, or for one order (`?order=`): 401 without a session, 503 where nothing can stream."""
    if not isinstance(request, ASGIRequest):
        # A synchronous server would give up one of its few threads for ten minutes.
        return _plain("The live stream is served by the ASGI process.", 503)
    site_ids = await sync_to_async(_site_ids)(request)
    if site_ids is None:
        return _allow_own_pages(request, _plain("Log in first.", 401))
    try:
        order = str(UUID(request.GET["order"])) if request.GET.get("order") else ""
    except ValueError:
        return _plain("This is no id of an order.", 400)
    response = StreamingHttpResponse(messages(Client(site_ids, order)), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return _allow_own_pages(request, response)


def _site_ids(request: HttpRequest) -> frozenset[str] | None:
    """Sites of the person, None for nobody. Gives the database connection back: the stream stays open for minutes."""
    try:
        if not request.user.is_authenticated:
            return None
        site_ids = frozenset(str(site_id) for site_id in request.user.site_ids())
        if request.session.modified:
            # Otherwise the session's own middleware would open a connection again to save it.
            request.session.save()
            request.session.modified = False
        return site_ids
    finally:
        connection.close()


def _allow_own_pages(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Let pages of the same host read this, also those of another port of it; nobody else's."""
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).hostname == urlsplit(f"//{host_name(request)}").hostname:
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
    response["Vary"] = "Origin, Cookie"
    return response


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")
