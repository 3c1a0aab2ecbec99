"""manage.py ready"""

from __future__ import annotations

from bakery.deploy.one_clone import ready_clone
from bakery.management.commands.drain import Command as Drain


class Command(Drain):
    help = (
        "Lets customers come to a clone again that was drained, and returns when it is "
        "ready and the balancers have noticed. Exit 0: done. 1: it is not ready, and "
        "why. 2: wrong usage, or the fleet file is wrong. 4: the host does not answer."
    )
    done = "ready"
    do = staticmethod(ready_clone)
