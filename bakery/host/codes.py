"""With what a command of the host ends, for people and for `deploy`."""

from __future__ import annotations

DONE = 0
FAILED = 1  # the words say what; running it again goes on where it stopped
WRONG_USAGE = 2
WENT_BACK = 3  # the new release did not become ready: the former one serves again
NOTHING_SERVES = 4  # neither did the former one, or there is none
HELD = 5  # somebody else has the lock; who is printed
NOT_SET_UP = 6  # something only root may do has not been done; the words say what

MEANINGS = {
    DONE: "done, or there was nothing to do",
    FAILED: "it failed and may be run again; the words say why",
    WRONG_USAGE: "wrong usage",
    WENT_BACK: "the release did not become ready: the former one serves again",
    NOTHING_SERVES: "the release did not become ready, and neither did a former one",
    HELD: "somebody else holds the lock: the answer says who",
    NOT_SET_UP: "the host is not set up: the words say what root has to do",
}


class HostError(Exception):
    """A command cannot go on; .code is its exit status."""

    def __init__(self, words: str, code: int = FAILED) -> None:
        super().__init__(words)
        self.code = code
