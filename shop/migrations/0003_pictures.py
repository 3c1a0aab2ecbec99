import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shop', '0002_verified_staff'),
    ]

    operations = [
        migrations.AddField(
            model_name='picture',
            name='has_all_formats',
            field=models.BooleanField(db_default=True, default=True, help_text='whether the files in the smaller formats are there too'),
        ),
        migrations.CreateModel(
            name='ProfilePicture',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='picture', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('digest', models.CharField(help_text='of the files and of whose they are', max_length=32, unique=True)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
    ]
