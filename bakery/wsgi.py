"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.prod")

_django = get_wsgi_application()

from django.conf import settings  # noqa: E402 - after the settings module is named

from bakery.content_type import in_one_charset  # noqa: E402
from bakery.forwarded import behind_proxies  # noqa: E402
from bakery.pages.front import before_django  # noqa: E402

# In front, since what is kept is the same for every address and every type of a body.
application = before_django(
    in_one_charset(behind_proxies(_django, settings.TRUSTED_PROXIES))
)
