"""Demo data: a small invented network of hospitals and plants with a believable past.

`plan.py` makes it up (pure, seeded), `writing.py` brings it in through the actions; nothing here touches real patients.
"""
