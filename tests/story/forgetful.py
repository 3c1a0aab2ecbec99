"""Settings of a server that is wrong: it never finds who is logged in."""

from settings.prod import *  # noqa: F403 - a settings module is the sum of its base

SESSION_ENGINE = "tests.story.forgetful_sessions"
