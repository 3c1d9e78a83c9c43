"""Whom to ask about a transport: its courier, where one is known. Pure."""

from batches.judgement.rules.facts import StageFacts


def courier_ask(stage: StageFacts) -> str:
    """“ask Polar Lane about PL723334778”, as far as courier and tracking number are known; empty: neither is."""
    run = stage.run
    about = f" about {run.tracking_number}" if run.tracking_number else ""
    return f"ask {run.courier or 'the courier'}{about}" if run.courier or about else ""
