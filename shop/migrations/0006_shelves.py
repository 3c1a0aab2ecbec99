from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0005_orders_by_state"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                fields=["category", "position", "name", "id"], name="product_shelf"
            ),
        ),
    ]
