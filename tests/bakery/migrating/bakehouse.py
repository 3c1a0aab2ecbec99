"""A small shop's tables, the code of two releases, and a migration between them."""

from __future__ import annotations

from django.db import (
    DatabaseError,
    OperationalError,
    connection,
    migrations,
    models,
    transaction,
)
from django.db.migrations.state import ProjectState
from django.db.models.functions import Lower

from bakery import migrating
from bakery.migration_rules.faults import Harm

APP = "oven"
ROWS = 500

TABLES = [
    migrations.CreateModel(
        "Kind",
        [("id", models.BigAutoField(primary_key=True)), ("word", models.TextField())],
    ),
    migrations.CreateModel(
        "Loaf",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("name", models.CharField(max_length=40)),
            ("mark", models.CharField(max_length=10, default="")),
            ("price", models.IntegerField()),
            ("number", models.IntegerField()),
            ("shelf", models.IntegerField(db_index=True, default=1)),
            ("weight", models.IntegerField(db_default=800)),
            ("note", models.TextField(null=True)),
            (
                "kind",
                models.ForeignKey(
                    f"{APP}.kind",
                    models.CASCADE,
                    null=True,
                    db_constraint=False,
                    db_index=False,
                ),
            ),
        ],
        options={
            "indexes": [models.Index("price", "number", name="loaf_by_price")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(price__gte=0), name="loaf_price"
                ),
                models.UniqueConstraint(Lower("mark"), "id", name="loaf_mark"),
            ],
        },
    ),
]


def migration(*operations, name="0002_next", **facts) -> migrations.Migration:
    """A migration of the shop, with the class's words that are given."""
    made = type("Migration", (migrations.Migration,), facts)(name, APP)
    made.operations = list(operations)
    return made


def tables() -> ProjectState:
    """The state of the release before; touches no database."""
    state = ProjectState()
    for operation in TABLES:
        operation.state_forwards(APP, state)
    return state


def write_and_read(state: ProjectState) -> None:
    """What the code of the release with these tables does all day.

    It knows of no rule that came later: long names, high prices, numbers twice.
    """
    for model in state.apps.get_models():
        if model._meta.model_name in ("loaf", "bread"):
            _sell(model)
        elif model._meta.model_name == "kind":
            model.objects.create(word="sourdough")
            list(model.objects.all())


def _sell(loaf: type[models.Model]) -> None:
    names = {field.name for field in loaf._meta.get_fields()}
    facts = {
        "name": "a loaf's name of exactly forty letters, yes",
        "price": 5000,
        "cost": 5000,
        "number": 1,
        "kind_id": 999,
    }
    facts["name"] = facts["name"][:40]
    known = {key: facts[key] for key in facts if key.removesuffix("_id") in names}
    made = loaf.objects.create(**known)
    list(loaf.objects.filter(pk=made.pk))
    if "number" in names:
        list(loaf.objects.filter(number__gt=4000)[:1])
    loaf.objects.filter(pk=made.pk).update(number=2)
    connection.check_constraints()  # those that wait for the end of the transaction
    made.delete()


def works(state: ProjectState) -> bool:
    """Whether the code of that release can write and read now."""
    try:
        with transaction.atomic():
            write_and_read(state)
    except DatabaseError:
        return False
    return True


class Bakehouse:
    """The tables in the real database, with rows; made and removed by a fixture."""

    def __init__(self) -> None:
        self.before = ProjectState()
        self.apply(migration(*TABLES))
        self.before = tables()
        loaf = self.before.apps.get_model(APP, "loaf")
        loaf.objects.bulk_create(
            [loaf(name=f"n{n}", price=n, number=n, note="-") for n in range(ROWS)]
        )

    def apply(self, step: migrations.Migration) -> None:
        with connection.schema_editor(atomic=step.atomic) as editor:
            step.apply(self.before.clone(), editor)

    def after(self, step: migrations.Migration) -> ProjectState:
        return step.mutate_state(self.before, preserve=True)

    def harms_of(self, step: migrations.Migration) -> set[Harm]:
        """Who suffers when this migration is applied, as it turns out."""
        new_release, harms = self.after(step), set()
        assert works(self.before)
        if not works(new_release):
            harms.add(Harm.NEW_CODE)
        if self._is_read_by(step):
            harms.add(Harm.LOCK)
        if not works(self.before):
            harms.add(Harm.OLD_CODE)
        return harms

    def _is_read_by(self, step: migrations.Migration) -> bool:
        """Apply it as safemigrate does; whether it read or wrote the whole table."""
        while True:
            try:
                with migrating._patience(), transaction.atomic():
                    file, read = _file(), _rows_read()
                    self.apply(step)
                    return _rows_read() - read >= ROWS or _file() not in (file, None)
            except OperationalError as error:
                if not migrating._table_is_busy(error):
                    raise

    def remove(self) -> None:
        with connection.cursor() as cursor:
            names = connection.introspection.table_names(cursor)
            cascade = "CASCADE" if connection.vendor == "postgresql" else ""
            for name in names:
                if name.startswith((f"{APP}_", "elsewhere")):
                    cursor.execute(f'DROP TABLE "{name}" {cascade}')


def _rows_read() -> int:
    """How many rows of the table this connection has read from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables"
            " WHERE relname = 'oven_loaf'"
        )
        return cursor.fetchone()[0]


def _file() -> int | None:
    """The file that the table's rows are in: another one if it was written anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_filenode(to_regclass('oven_loaf'))")
        return cursor.fetchone()[0]
