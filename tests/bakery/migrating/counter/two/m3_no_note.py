"""When nobody runs the release before any more."""

from django.db import migrations


class Migration(migrations.Migration):
    contract = True
    dependencies = [("counter", "m2_maybe_a_note")]
    operations = [migrations.RemoveField("till", "note")]
