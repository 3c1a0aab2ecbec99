"""Settings of a release whose static files differ: those in VAR_DIR/changed."""

from settings.prod import *  # noqa: F403 - a settings module is the sum of its base
from settings.prod import VAR_DIR

STATICFILES_DIRS = [VAR_DIR / "changed"]
