from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the shoppers: no order waits while the index is built."""

    atomic = False

    dependencies = [
        ("shop", "0004_my_account"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["state", "bake_day"], name="order_by_state_and_day"
            ),
        ),
    ]
