"""manage.py ready"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from bakery.deploy.commanding import add_change
from bakery.deploy.connection import Remote
from bakery.deploy.one_clone import ready_clone
from bakery.management.commands.drain import CODES
from bakery.management.commands.drain import Command as Drain


class Command(Drain):
    help = (
        "Lets customers come to a clone again that was drained, and returns when it is "
        "ready and the balancers have noticed. Exit 0: done. 1: it is not ready, and "
        f"why. {CODES}"
    )
    done = "ready"
    do = staticmethod(ready_clone)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clone", metavar="CLONE", help="its name in the fleet file")
        add_change(parser)

    def demand(
        self, remotes: dict[str, Remote], clone: str, options: dict[str, Any]
    ) -> None:
        """Nothing: one more that takes customers harms nobody."""
