"""What a running fleet on this machine answers to the other commands."""

from __future__ import annotations

import os
import signal

from bakery.fleet.control import Answer
from bakery.fleet.local import LocalFleet
from bakery.servers.process import DidNotStart


class Answers:
    """To one question at a time."""

    def __init__(self, fleet: LocalFleet) -> None:
        self.fleet = fleet

    def __call__(self, question: Answer) -> Answer:
        try:
            self._do(question)
        except KeyError as error:
            return {"error": f"There is no clone {error}; `fleet status` lists them."}
        except (DidNotStart, ValueError) as error:
            return {"error": str(error)}
        answer = {"servers": self.fleet.status()}
        return answer | self._membership() if question["do"] == "join" else answer

    def _membership(self) -> Answer:
        """What makes a process a member: the variables that differ from its own.

        They hold the secret key, and the socket is for this user alone.
        """
        variables = self.fleet.environment("proof").items()
        own = {key: value for key, value in variables if os.environ.get(key) != value}
        return {"environment": own, "certificate": str(self.fleet.certificate)}

    def _do(self, question: Answer) -> None:
        if question["do"] == "scale":
            self.fleet.scale(question["clones"])
        elif question["do"] == "kill":
            self.fleet.kill(question["clone"])
        elif question["do"] == "down":
            os.kill(os.getpid(), signal.SIGTERM)
