"""What a request for an order names: sites, plant, product and flow, and who issues its chain of identity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.flows.models import Flow
from supplychain.orders.actions.facts import Reporter
from supplychain.orders.rules.placing import OrderRequest, ordered_ahead_problem, wanted_before_problem
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind


@dataclass(slots=True)
class Catalogue:
    """What orders may name, by code; the ordering site or the plant must be the reporter's own."""

    sites: dict[str, Site]
    plants: frozenset[str]
    own: frozenset[str]
    flows: dict[tuple[str, str], Flow]


def catalogue_for(by: Reporter, requests: Sequence[OrderRequest]) -> Catalogue:
    """What may be named. Orders of one site are placed one after another: its row is locked, always in one order."""
    sites = {site.code: site for site in Site.objects.filter(is_active=True)}
    ordering = {sites[request.ordering_site].pk for request in requests if request.ordering_site in sites}
    list(Site.objects.filter(pk__in=ordering).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    plants = frozenset(code for code, site in sites.items() if site.kind == SiteKind.PLANT)
    own = frozenset(code for code, site in sites.items() if site.pk in by.site_ids)
    flows: dict[tuple[str, str], Flow] = {}
    for flow in Flow.objects.filter(is_current=True, product__is_active=True).select_related("product"):
        flows[flow.product.code, flow.code] = flow
        if flow.is_default:
            flows[flow.product.code, ""] = flow
    return Catalogue(sites, plants, own, flows)


def naming_problems(request: OrderRequest, catalogue: Catalogue, now: datetime) -> dict[str, str]:
    """What is wrong with what the request names, by field."""
    found = (
        _site_problems(request, catalogue) | _flow_problems(request, catalogue) | _issuer_problems(request, catalogue)
    )
    if problem := ordered_ahead_problem(request.ordered_at, now):
        found["ordered_at"] = problem
    if problem := wanted_before_problem(request.promised_at, request.ordered_at or now):
        found["promised_at"] = problem
    return found


def _site_problems(request: OrderRequest, catalogue: Catalogue) -> dict[str, str]:
    errors = {
        name: f"“{code}” is no site; use one of {_list(catalogue.own)}."
        for name, code in _codes_of(request).items()
        if (getattr(request, name) or name == "ordering_site") and code not in catalogue.sites
    }
    if request.plant not in catalogue.plants:
        errors["plant"] = f"“{request.plant}” is no plant; use one of {_list(catalogue.plants)}."
    if not errors.keys() & {"ordering_site", "plant"} and not {request.ordering_site, request.plant} & catalogue.own:
        errors["ordering_site"] = f"“{request.ordering_site}” is none of your sites; use one of {_list(catalogue.own)}."
    return errors


def _flow_problems(request: OrderRequest, catalogue: Catalogue) -> dict[str, str]:
    if (request.product, request.flow) in catalogue.flows:
        return {}
    products = {product for product, _ in catalogue.flows}
    if request.product not in products:
        return {"product": f"“{request.product}” cannot be ordered; use one of {_list(products)}."}
    codes = {code for product, code in catalogue.flows if product == request.product and code}
    return {"flow": f"“{request.flow}” is no flow of {request.product}; use one of {_list(codes)}."}


def _issuer_problems(request: OrderRequest, catalogue: Catalogue) -> dict[str, str]:
    own = issuers_of_order(request, catalogue)
    if request.coi_issuer and not request.coi:
        return {"coi": "give the chain of identity that was issued, or leave coi_issuer out."}
    if request.coi_issuer and own and request.coi_issuer not in own:
        text = f"“{request.coi_issuer}” issues none here: a site issues for itself. Use {_list(own)}, or leave it out."
        return {"coi_issuer": text}
    return {}


def issuers_of_order(request: OrderRequest, catalogue: Catalogue) -> list[str]:
    """Who may issue a chain of identity for the order: a site of the reporter, for nobody issues for another, or one
    hospital could take the numbers of the next."""
    return [code for code in (request.ordering_site, request.plant) if code in catalogue.own]


def _codes_of(request: OrderRequest) -> dict[str, str]:
    """The order's places by name; one that is not named is the ordering site."""
    return {
        "ordering_site": request.ordering_site,
        "collection_site": request.collection_site or request.ordering_site,
        "infusion_site": request.infusion_site or request.ordering_site,
    }


def sites_of_order(request: OrderRequest, catalogue: Catalogue) -> dict[str, UUID]:
    """Ids of the order's four sites."""
    codes = (*_codes_of(request).items(), ("plant", request.plant))
    return {name: catalogue.sites[code].pk for name, code in codes}


def _list(codes: Any) -> str:
    return ", ".join(sorted(codes)[:20]) or "(none is set up)"
