"""Migrations of each kind, and who suffers: for the rules and for the database."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models
from django.db.models.functions import Now

from bakery.migration_rules.faults import Harm

OLD, NEW, LOCK = Harm.OLD_CODE, Harm.NEW_CODE, Harm.LOCK


def add(name: str, field: models.Field) -> migrations.AddField:
    return migrations.AddField("loaf", name, field)


def alter(name: str, field: models.Field) -> migrations.AlterField:
    return migrations.AlterField("loaf", name, field)


def kind(**facts) -> models.ForeignKey:
    return models.ForeignKey("oven.kind", models.CASCADE, **facts)


NUMBER = models.UniqueConstraint(fields=["number"], name="loaf_number")
CHEAP = models.CheckConstraint(condition=models.Q(price__lt=1000), name="loaf_cheap")
BY_NUMBER = models.Index("number", name="loaf_by_number")
WIDE, TEXT = models.CharField(max_length=60), models.TextField()

HARMLESS = {
    "a new table": migrations.CreateModel(
        "Slice", [("id", models.BigAutoField(primary_key=True)), ("of", kind())]
    ),
    "a new nullable column": add("origin", models.TextField(null=True)),
    "a new column with a default of the database": add(
        "sold", models.BooleanField(default=False, db_default=False)
    ),
    "a new column with the time of the migration": add(
        "made_at", models.DateTimeField(db_default=Now())
    ),
    "a new relation without an index": add("sort", kind(null=True, db_index=False)),
    "a new relation to many": add("kinds", models.ManyToManyField("oven.kind")),
    "a longer text": alter("name", WIDE),
    "a text of any length": alter("name", TEXT),
    "a column that may be empty now": alter("number", models.IntegerField(null=True)),
    "a default of the database": alter("price", models.IntegerField(db_default=3)),
    "an index less on a column": alter("shelf", models.IntegerField(default=1)),
    "what the database is not told": alter(
        "name", models.CharField("Name", max_length=40, help_text="x", blank=True)
    ),
    "an index less": migrations.RemoveIndex("loaf", "loaf_by_price"),
    "a constraint less": migrations.RemoveConstraint("loaf", "loaf_price"),
    "another name for the same index": migrations.RenameIndex(
        "loaf", "loaf_by_cost", old_name="loaf_by_price"
    ),
    "options": migrations.AlterModelOptions("loaf", {"ordering": ["name"]}),
    "data there and back": migrations.RunPython(
        migrations.RunPython.noop, migrations.RunPython.noop
    ),
    "tables in the state only": migrations.SeparateDatabaseAndState(
        state_operations=[migrations.AlterModelOptions("loaf", {"ordering": ["id"]})]
    ),
}

HARMFUL = {
    "a column dropped": (migrations.RemoveField("loaf", "note"), {OLD}),
    "a column dropped that may not be empty": (
        migrations.RemoveField("loaf", "number"),
        {OLD, NEW},
    ),
    "a table dropped": (migrations.DeleteModel("Loaf"), {OLD}),
    "a column renamed": (
        migrations.RenameField("loaf", "price", "cost"),
        {OLD, NEW},
    ),
    "a table renamed": (migrations.RenameModel("Loaf", "Bread"), {OLD, NEW}),
    "a table moved": (migrations.AlterModelTable("loaf", "elsewhere"), {OLD, NEW}),
    "a new column that may not be empty": (
        add("baked", models.IntegerField(default=1)),
        {OLD},
    ),
    "a default of the database taken away": (
        alter("weight", models.IntegerField(default=800)),
        {OLD},
    ),
    "a column that may not be empty any more": (
        alter("note", models.TextField(default="-")),
        {OLD, LOCK},
    ),
    "a shorter text": (alter("name", models.CharField(max_length=20)), {OLD, LOCK}),
    "a longer text that an index computes with": (
        alter("mark", models.CharField(max_length=20, default="")),
        {LOCK},
    ),
    "another type": (alter("number", models.TextField()), {OLD, LOCK}),
    "a column without doubles": (
        alter("number", models.IntegerField(unique=True)),
        {OLD, LOCK},
    ),
    "a constraint without doubles": (
        migrations.AddConstraint("loaf", NUMBER),
        {OLD, LOCK},
    ),
    "doubles of two columns": (
        migrations.AlterUniqueTogether("loaf", {("number",)}),
        {OLD, LOCK},
    ),
    "a constraint": (migrations.AddConstraint("loaf", CHEAP), {OLD, LOCK}),
    "a relation that is held": (alter("kind", kind(null=True, db_index=False)),
        {OLD, LOCK}),
    "an index": (migrations.AddIndex("loaf", BY_NUMBER), {LOCK}),
    "an index of a column": (
        alter("number", models.IntegerField(db_index=True)),
        {LOCK},
    ),
    "a new relation with an index": (add("sort", kind(null=True)), {LOCK}),
    "a new relation to one": (
        add("twin", models.OneToOneField("oven.kind", models.CASCADE, null=True)),
        {LOCK},
    ),
    "a new column without doubles": (
        add("code", models.TextField(null=True, unique=True)),
        {LOCK},
    ),
    "a new column that is never negative": (
        add("stars", models.PositiveIntegerField(null=True)),
        {LOCK},
    ),
    "a new column with a value for each row": (
        add("key", models.UUIDField(db_default=RandomUUID())),
        {LOCK},
    ),
    "a new column that is computed": (
        add(
            "double",
            models.GeneratedField(
                expression=models.F("price") * 2,
                output_field=models.IntegerField(),
                db_persist=True,
            ),
        ),
        {LOCK},
    ),
}  # fmt: skip
