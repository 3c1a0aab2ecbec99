"""It forgets who is still there."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("counter", "m1_till")]
    operations = [migrations.RemoveField("till", "note")]
