"""The release that everybody runs: a till has a note."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            "Till",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("note", models.TextField()),
            ],
        )
    ]
