"""One release later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("counter", "m3_no_note")]
    operations = [migrations.AddField("till", "colour", models.TextField(null=True))]
