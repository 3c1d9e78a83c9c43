"""How the database itself gives each flag the plant of its order."""

import pgtrigger


def has_its_plant() -> pgtrigger.Trigger:
    """A trigger that writes the plant into each new flag, whoever raises it; who saves it again cannot leave it out."""
    return pgtrigger.Trigger(
        name="has_its_plant",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.plant_id IS NULL"),
        func="""NEW.plant_id = (SELECT plant_id FROM supplychain_patientorder WHERE id = NEW.order_id);
            RETURN NEW;""",
    )
