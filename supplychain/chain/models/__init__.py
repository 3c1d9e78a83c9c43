"""The tables of the chain of identity."""

from supplychain.chain.models.identity_checks import IdentityCheck

__all__ = ["IdentityCheck"]
