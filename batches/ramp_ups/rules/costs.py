"""What a plan costs: unit costs that the people of a line said, in their currency. Without them places are counted."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from batches.ramp_ups.rules.lines import SimulatedLine

MOST_COST = 1e12
COST_WORDS = {"batch": "One batch (materials)", "failed_batch": "One failed batch, besides", "test": "One quality test"}
PLACE = "place:"
# ISO 4217, the active codes of money in use (list one, 2026).
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP "
    "CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR "
    "RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD "
    "TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "
)
CURRENCIES = frozenset(_CODES.split())


class CostsRefused(Exception):
    """Unit costs that cannot be reckoned with. `errors`: what to do, by name of the cost, or `currency`."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def cost_names(line: SimulatedLine) -> list[str]:
    """Every unit cost of a line: `place:<pool>` per place and week, `batch`, `failed_batch`, `test`."""
    return [*(PLACE + pool.code for pool in line.pools), *COST_WORDS]


def check_costs(raw: Mapping[str, Any], currency: str, line: SimulatedLine) -> tuple[dict[str, float], str]:
    """The unit costs that were said, and their currency. Raises CostsRefused."""
    names, known, errors = cost_names(line), {}, {}
    for name, value in raw.items():
        if name not in names:
            errors[name] = f"There is no cost {name}; use {', '.join(names)}."
            continue
        try:
            cost = float(value)
        except (TypeError, ValueError):
            errors[name] = "Write a plain number."
            continue
        if isfinite(cost) and 0 <= cost <= MOST_COST:
            known[name] = cost
        else:
            errors[name] = f"A cost must lie between 0 and {MOST_COST:,.0f}."
    code = currency.strip().upper()
    if (code or known) and code not in CURRENCIES:
        errors["currency"] = "Say in which currency, by its code of three letters (ISO 4217): EUR, USD, GBP."
    if errors:
        raise CostsRefused(errors)
    return known, code


def missing_costs(costs: Mapping[str, float], line: SimulatedLine, *, places: bool = False) -> list[str]:
    """The unit costs that nobody said, for people; with `places` only those of places."""
    wanted = [name for name in cost_names(line) if name.startswith(PLACE) or not places]
    return [cost_words(name, line) for name in wanted if name not in costs]


def place_prices(costs: Mapping[str, float], pools: Sequence[str]) -> dict[str, float]:
    """What one place of each pool costs a week; 1 each, so that places are counted, where any of them is not known."""
    if all(PLACE + code in costs for code in pools):
        return {code: costs[PLACE + code] for code in pools}
    return dict.fromkeys(pools, 1.0)


def cost_words(name: str, line: SimulatedLine) -> str:
    """What a unit cost is of, for people."""
    if name.startswith(PLACE):
        code = name.removeprefix(PLACE)
        return f"{line.pool_names.get(code, code)}: one place, one week"
    return COST_WORDS[name]
