"""What takes nothing away, and what nothing that does needs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("counter", "m3_no_note")]
    operations = [migrations.AddField("till", "side", models.TextField(null=True))]
