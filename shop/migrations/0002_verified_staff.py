"""Whoever works here already goes on logging in, without a mail to click in first."""

from django.db import migrations


def verify_staff(apps, schema_editor):
    EmailAddress = apps.get_model("account", "EmailAddress")
    for user in apps.get_model("shop", "User").objects.filter(is_staff=True):
        EmailAddress.objects.get_or_create(
            user_id=user.pk,
            email=user.email,
            defaults={"verified": True, "primary": True},
        )


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [migrations.RunPython(verify_staff, migrations.RunPython.noop)]
