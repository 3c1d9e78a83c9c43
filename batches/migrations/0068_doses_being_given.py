"""A dose in doubt that is being given stands before what was the worst class so far.

Apart from the migration before it, which writes all rows anew: PostgreSQL makes no index beside changes of these that
wait for their checks. That the numbers of the classes move is no news of any flag; the next judgement says which of
them are about an infusion under way.
"""

from django.db import migrations, models

HARMS = [
    (0, "A dose in doubt is being given"),
    (1, "A dose in doubt can still be stopped"),
    (2, "A dose in doubt was given"),
    (3, "Cells may be another patient's"),
    (4, "Cells run out of time"),
    (5, "Work failed"),
    (6, "A hold or a request waits for a decision"),
    (7, "Late, or its reports are missing or in doubt"),
    (8, "A dose may be lost later"),
    (9, "The date of a dose is at risk"),
    (10, "Settled by quality assurance"),
]
QUIET = "ALTER TABLE batches_flag DISABLE TRIGGER USER"
ALOUD = "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE batches_flag ENABLE TRIGGER USER"
MAKE_ROOM = "UPDATE batches_flag SET harm = least(harm + 1, 10)"
MAKE_NONE = "UPDATE batches_flag SET harm = greatest(harm - 1, 0)"
JUDGE_ANEW = """INSERT INTO supplychain_duemark (order_id, due_at, is_news)
    SELECT DISTINCT order_id, now(), false FROM batches_flag WHERE cleared_at IS NULL"""


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0067_doses_by_when_they_may_be_given"),
        ("supplychain", "0059_a_new_address_signs_later"),
    ]

    operations = [
        migrations.AlterField(
            model_name="flag",
            name="harm",
            field=models.PositiveSmallIntegerField(
                choices=HARMS, default=7, help_text="What harm it is about, the worst first."
            ),
        ),
        migrations.RunSQL([QUIET, MAKE_ROOM, ALOUD], [QUIET, MAKE_NONE, ALOUD]),
        migrations.RunSQL(JUDGE_ANEW, migrations.RunSQL.noop),
    ]
