import django.db.models.deletion
from django.db import migrations, models

# Each begins a unique pair of its table, which answers all that it did.
AGAIN = (
    ("basketline", "basket", "basket_basketline_basket_id_9e34dc78"),
    ("basketoperation", "basket", "basket_basketoperation_basket_id_1d5e75da"),
)
# To find a basket by how its token begins, which nobody does.
BY_BEGINNING = (("basket", "token", "basket_basket_token_7429cda0_like"),)


def take_away(apps, schema_editor):
    """Beside the shoppers; what an interruption has left is taken away the next time."""
    for model, index in _indexes(apps, schema_editor):
        if index.name in _there(schema_editor, model):
            schema_editor.remove_index(model, index)


def bring_back(apps, schema_editor):
    for model, index in _indexes(apps, schema_editor):
        if index.name not in _there(schema_editor, model):
            schema_editor.add_index(model, index)


def _indexes(apps, schema_editor):
    for name, field, index in AGAIN:
        yield apps.get_model("basket", name), models.Index(fields=[field], name=index)
    if schema_editor.connection.vendor != "postgresql":
        return
    kind = ["varchar_pattern_ops"]
    for name, field, index in BY_BEGINNING:
        found = models.Index(fields=[field], name=index, opclasses=kind)
        yield apps.get_model("basket", name), found


def _there(schema_editor, model):
    connection, table = schema_editor.connection, model._meta.db_table
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, table)


def _without_index(model, related_name):
    return migrations.AlterField(
        model,
        "basket",
        models.ForeignKey(
            "basket.basket",
            django.db.models.deletion.CASCADE,
            db_index=False,
            related_name=related_name,
        ),
    )


class Migration(migrations.Migration):
    """Nothing that a release asks for: no answer changes, and none becomes slower.

    By AlterField the foreign keys would be made anew, and all rows compared.
    """

    atomic = False

    dependencies = [
        ("basket", "0001_initial"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(take_away, bring_back)],
            state_operations=[
                _without_index("basketline", "lines"),
                _without_index("basketoperation", "operations"),
            ],
        ),
    ]
