"""The next release writes no note: a row may be without one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("counter", "m1_till")]
    operations = [migrations.AlterField("till", "note", models.TextField(null=True))]
