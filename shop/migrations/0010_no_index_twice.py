import django.db.models.deletion
from django.db import migrations, models

# Each begins another index of its table, which answers all that it did: the unique
# pairs of draws, limits and slots, and the orders of a day by slot.
AGAIN = (
    ("draw", "hold", "shop_draw_hold_id_2dadac01"),
    ("draw", "order", "shop_draw_order_id_7e89ceb3"),
    ("order", "bake_day", "shop_order_bake_day_id_e5f06696"),
    ("capacity", "bake_day", "shop_capacity_bake_day_id_20e74853"),
    ("slot", "bake_day", "shop_slot_bake_day_id_fdddeac9"),
)
# Django makes one for each unique or indexed word, to find it by how it begins: nobody
# looks for a secret in that way.
BY_BEGINNING = (
    ("order", "secret", "shop_order_secret_a1d9913c_like"),
    ("order", "basket_token", "shop_order_basket_token_1c1508b4_like"),
    ("hold", "basket_token", "shop_hold_basket_token_86029ce1_like"),
    ("hold", "network", "shop_hold_network_8da436ea_like"),
    ("profilepicture", "digest", "shop_profilepicture_digest_63337550_like"),
)


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
        yield apps.get_model("shop", name), models.Index(fields=[field], name=index)
    if schema_editor.connection.vendor != "postgresql":
        return
    kind = ["varchar_pattern_ops"]
    for name, field, index in BY_BEGINNING:
        found = models.Index(fields=[field], name=index, opclasses=kind)
        yield apps.get_model("shop", name), found


def _there(schema_editor, model):
    connection, table = schema_editor.connection, model._meta.db_table
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, table)


def _without_index(model, field, to, on_delete, related_name, **more):
    key = models.ForeignKey(
        to, on_delete, db_index=False, related_name=related_name, **more
    )
    return migrations.AlterField(model, field, key)


CASCADE = django.db.models.deletion.CASCADE
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    """Nothing that a release asks for: no answer changes, and none becomes slower.

    By AlterField the foreign keys would be made anew, and all rows compared.
    """

    atomic = False

    dependencies = [
        ("shop", "0009_search_by_index"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(take_away, bring_back)],
            state_operations=[
                _without_index(
                    *("draw", "hold", "shop.hold", PROTECT, "draws"),
                    blank=True,
                    null=True,
                ),
                _without_index(
                    *("draw", "order", "shop.order", PROTECT, "draws"),
                    blank=True,
                    null=True,
                ),
                _without_index("order", "bake_day", "shop.bakeday", PROTECT, "orders"),
                _without_index(
                    "capacity", "bake_day", "shop.bakeday", CASCADE, "capacities"
                ),
                _without_index("slot", "bake_day", "shop.bakeday", CASCADE, "slots"),
            ],
        ),
    ]
