"""The interface described by itself: structs as OpenAPI 3.0 schemas, who may ask, `/api/schema/` and `/api/docs/`."""

from functools import cache
from inspect import cleandoc
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import TextChoices
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.utils import OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from supplychain.rest.problems import MEDIA_TYPE, Problem

COMPONENT = "#/components/schemas/{name}"
READ = ("get", "head")

# The answers that every endpoint of a kind may give; `responses={200: …} | OF_A_LIST`.
NOT_YOURS = {
    (400, MEDIA_TYPE): OpenApiResponse(Problem, "The address has no such parameter."),
    (401, MEDIA_TYPE): OpenApiResponse(Problem, "No token, or one that is unknown or has expired; or not logged in."),
    (403, MEDIA_TYPE): OpenApiResponse(Problem, "The token's scope, or your role, does not allow it."),
    (406, MEDIA_TYPE): OpenApiResponse(Problem, "Accept takes no application/json."),
    (429, MEDIA_TYPE): OpenApiResponse(Problem, "Too many requests; Retry-After says when to come again."),
    (503, MEDIA_TYPE): OpenApiResponse(Problem, "Not just now; Retry-After says when to send the same again."),
}
OF_A_LIST = NOT_YOURS | {(400, MEDIA_TYPE): OpenApiResponse(Problem, "A filter, cursor or page size cannot be read.")}
OF_ONE = NOT_YOURS | {(404, MEDIA_TYPE): OpenApiResponse(Problem, "There is none, or it is none of your sites'.")}
OF_A_BODY = NOT_YOURS | {
    (400, MEDIA_TYPE): OpenApiResponse(Problem, "The body is no JSON."),
    (411, MEDIA_TYPE): OpenApiResponse(Problem, "The body came in chunks, without its Content-Length."),
    (413, MEDIA_TYPE): OpenApiResponse(Problem, "The body is longer, or holds more, than is taken here."),
    (415, MEDIA_TYPE): OpenApiResponse(Problem, "The Content-Type is not application/json."),
}


class Shape:
    """A body that is one of several types, for @extend_schema, under a name of its own."""

    def __init__(self, name: str, *types: Any) -> None:
        self.name = name
        self.types = types


class _StructSchema(OpenApiSerializerExtension):
    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        return self.target.__name__

    def get_identity(self, auto_schema: AutoSchema, direction: str) -> Any:
        return msgspec.Struct  # structs of one name are the same, whether reached from an endpoint or from a struct

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return schemas_of(auto_schema, self.target)[0]


class _ShapeSchema(OpenApiSerializerExtension):
    target_class = "supplychain.rest.documentation.Shape"

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        return self.target.name

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return {"anyOf": schemas_of(auto_schema, *self.target.types, inline=False)}


class _BearerScheme(OpenApiAuthenticationExtension):
    target_class = "supplychain.rest.authentication.SourceAuthentication"
    name = "oauth2"

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        scope = getattr(auto_schema.view, "required_scopes", {}).get(auto_schema.method)
        return {self.name: [scope] if scope else []}

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        flow = {"tokenUrl": "/oauth/token/", "scopes": settings.OAUTH2_PROVIDER["SCOPES"]}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


class _SessionScheme(SessionScheme):
    """People who are logged in, with the right that the scope gives to a system."""

    name = "session"
    priority = 1


def schemas_of(auto_schema: AutoSchema, *types: Any, inline: bool = True) -> list[dict[str, Any]]:
    """Schemas of `types`; the structs they name become components. `inline`: the body of a struct, no reference."""

    def closed_list(kind: Any) -> dict[str, Any]:
        if not (isinstance(kind, type) and issubclass(kind, TextChoices)):
            raise NotImplementedError(kind)
        _register(auto_schema, kind.__name__, {"type": "string", "enum": kind.values, "description": kind.__doc__})
        return {"$ref": COMPONENT.format(name=kind.__name__)}

    schemas, components = msgspec.json.schema_components(types, schema_hook=closed_list, ref_template=COMPONENT)
    for name, schema in components.items():
        _register(auto_schema, name, openapi_30(schema))
    if inline:
        return [openapi_30(components[kind.__name__]) for kind in types]
    return [openapi_30(schema) for schema in schemas]


def _register(auto_schema: AutoSchema, name: str, schema: dict[str, Any]) -> None:
    component = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, object=msgspec.Struct)
    auto_schema.registry.register_on_missing(component)


def openapi_30(schema: Any) -> Any:
    """JSON Schema as OpenAPI 3.0 writes it: what may be null is `nullable`, and `required` names something."""
    if isinstance(schema, list):
        return [openapi_30(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: openapi_30(part) for key, part in schema.items() if (key, part) != ("required", [])}
    if isinstance(plain.get("description"), str):
        plain["description"] = cleandoc(plain["description"])
    kinds = plain.get("anyOf", [])
    if {"type": "null"} not in kinds:
        return plain
    others = [kind for kind in kinds if kind != {"type": "null"}]
    del plain["anyOf"]
    if len(others) > 1:
        return plain | {"anyOf": others, "nullable": True}
    return plain | ({"allOf": others} if "$ref" in others[0] else others[0]) | {"nullable": True}


class Schema(SpectacularAPIView):
    """The OpenAPI document; for everybody, for it holds no data."""

    authentication_classes = ()
    http_method_names = READ
    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer2, OpenApiYamlRenderer)

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The document, made once a process: as JSON unless YAML is asked for."""
        kind = "json" if "json" in request.accepted_renderer.media_type else "yaml"
        return Response(_document(), headers={"Content-Disposition": f'inline; filename="cellops.{kind}"'})


@cache
def _document() -> dict[str, Any]:
    return Schema.generator_class().get_schema(request=None, public=True)


class Docs(SpectacularSwaggerSplitView):
    """The same to read and try out; its script is a request of its own, so that our content policy holds here too."""

    authentication_classes = ()
    http_method_names = READ
    url_name = "schema"
    template_name = "supplychain/rest/api_docs.html"
