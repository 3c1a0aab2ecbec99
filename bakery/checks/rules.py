"""What a broken rule is, and how loudly it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

TAG = "golden_rule"


class Broken(NamedTuple):
    """One rule that these settings break."""

    id: str
    sentence: str
    hint: str


Rule = Callable[[], Iterable[Broken]]


def register_rule(rule: Rule) -> Rule:
    """Have the rule checked: as errors in a fleet, by --deploy on one machine."""

    def in_a_fleet(**kwargs: Any) -> list[CheckMessage]:
        return messages(rule()) if settings.FLEET else []

    def on_one_machine(**kwargs: Any) -> list[CheckMessage]:
        return [] if settings.FLEET else messages(rule())

    register(in_a_fleet, TAG)
    register(on_one_machine, TAG, deploy=True)
    return rule


def register_database_rule(rule: Rule) -> Rule:
    """The same for a rule that asks the database: when that may be asked, or --deploy.

    Said once, also when both are wanted.
    """

    def when_it_may_be_asked(
        databases: Iterable[str] | None = None, **kwargs: Any
    ) -> list[CheckMessage]:
        return messages(rule()) if "default" in (databases or ()) else []

    def before_it_is_public(
        databases: Iterable[str] | None = None, **kwargs: Any
    ) -> list[CheckMessage]:
        return [] if "default" in (databases or ()) else messages(rule())

    register(when_it_may_be_asked, TAG, Tags.database)
    register(before_it_is_public, TAG, deploy=True)
    return rule


def messages(broken: Iterable[Broken]) -> list[CheckMessage]:
    """The broken rules as Django's messages: errors in a fleet, else warnings."""
    kind = Error if settings.FLEET else Warning
    return [kind(sentence, hint=hint, id=id) for id, sentence, hint in broken]


def named(aliases: Iterator[str] | list[str]) -> str:
    """The aliases as words: 'a' and 'b'."""
    return " and ".join(repr(alias) for alias in aliases)
