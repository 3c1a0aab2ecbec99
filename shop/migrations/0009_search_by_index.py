from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside the shoppers, as shop.0005."""

    atomic = False

    dependencies = [
        ("shop", "0008_product_by_name"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="searchgram",
            index=models.Index(
                fields=["gram", "product", "weight"], name="searchgram_sum"
            ),
        ),
    ]
