"""How the database itself gives each new flag the plant of its order."""

import pgtrigger


def has_its_plant() -> pgtrigger.Trigger:
    """A trigger that writes the plant into each new flag, whoever raises it."""
    return pgtrigger.Trigger(
        name="insert_has_its_plant",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""NEW.plant_id = (SELECT plant_id FROM supplychain_patientorder WHERE id = NEW.order_id);
            RETURN NEW;""",
    )
