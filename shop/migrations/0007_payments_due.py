from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the shoppers, as shop.0005."""

    atomic = False

    dependencies = [
        ("shop", "0006_shelves"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                fields=["order"], condition=models.Q(state="due"), name="payment_due"
            ),
        ),
    ]
