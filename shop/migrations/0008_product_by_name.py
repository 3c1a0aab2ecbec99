from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0007_payments_due"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["name"], name="product_by_name"),
        ),
    ]
