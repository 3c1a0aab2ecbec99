"""The host's commands: arguments, one call, JSON lines, an exit status."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bakery.deploy.fleet_file import FleetFileError
from bakery.host import codes
from bakery.host.background import MARK, deaf, in_background, tell
from bakery.host.codes import HostError
from bakery.host.configure import configure
from bakery.host.customers import drain, ready
from bakery.host.install import install
from bakery.host.layout import Layout
from bakery.host.locking import hold
from bakery.host.prune import prune
from bakery.host.retire import retire
from bakery.host.serving import Patience
from bakery.host.state import state
from bakery.host.switch import Switch

Part = Callable[[str, object, str], argparse.ArgumentParser]
USAGE = """Does on a host what `deploy` asks of it; answers in lines of JSON.

exit status
"""


def main(words: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if words is None else words)
    options = _parser().parse_args(given)
    try:
        return options.do(options, given)
    except (HostError, FleetFileError) as error:
        say(error=str(error))
        return getattr(error, "code", codes.FAILED)
    except OSError as error:
        say(error=f"{type(error).__name__}: {error}")
        return codes.FAILED


def say(**facts: object) -> None:
    """One line of JSON for one step."""
    line = json.dumps({"at": round(time.time(), 3), **facts})
    print(line, flush=True)  # noqa: T201 - this is how a command answers


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m bakery.host",
        description=USAGE + "".join(f"  {n}  {m}\n" for n, m in codes.MEANINGS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = parser.add_subparsers(dest="what", required=True, metavar="COMMAND")
    base = argparse.ArgumentParser(add_help=False)
    everything = Path("/srv/bakery")
    base.add_argument("--base", type=Path, default=everything, metavar="FOLDER")

    def part(name: str, do: object, about: str) -> argparse.ArgumentParser:
        made = parts.add_parser(name, parents=[base], help=about, description=about)
        made.set_defaults(do=do)
        return made

    _add_releases(part)
    _add_services(part)
    part("state", _state, "all about this host, as one object")
    one = part("hold", _hold, "hold the fleet's lock until stdin ends")
    one.add_argument("--owner", required=True)
    one.add_argument("--release", default="")
    one.add_argument("--silence", type=float, metavar="SECONDS", help="ends it too")
    return parser


def _add_releases(part: Part) -> None:
    """What lies on the host and what it is."""
    one = part("install", _install, "unpack a release and build its environment")
    one.add_argument("release")
    one.add_argument("--facts", metavar="SHA256", help="of its release.json")
    one = part("configure", _configure, "tell the host its name, roles and services")
    one.add_argument("--fleet", required=True, help="the fleet file; - for stdin")
    one.add_argument("--host", required=True, help="this host's name in it")
    one = part("prune", _prune, "take away old releases and what only they need")
    one.add_argument("--keep", type=int, default=5, metavar="N")


def _add_services(part: Part) -> None:
    """What runs on it, and whether customers come."""
    one = part("switch", _switch, "let the host run another release; goes on by itself")
    one.add_argument("release")
    _add_patience(one)
    one.add_argument("--ready", type=float, default=60, metavar="SECONDS")
    one.add_argument("--stay-drained", action="store_true", help="until `ready`")
    one.add_argument(
        "--once",
        type=_token,
        metavar="TOKEN",
        help="32 hex digits: again with the same, it is not done again",
    )
    one.add_argument(MARK, action="store_true", help=argparse.SUPPRESS)
    one = part("retire", _retire, "take away services of roles the host has no more")
    _add_patience(one)
    one = part("drain", _drain, "send customers elsewhere, wait for the last request")
    _add_patience(one)
    one = part("ready", _ready, "let customers come again")
    one.add_argument("--ready", type=float, default=60, metavar="SECONDS")


def _add_patience(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--settle", type=float, default=1.5, metavar="SECONDS",
        help="until balancers have noticed a drain (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--drain", type=float, default=30, metavar="SECONDS",
        help="until the last request is answered (default: %(default)s)",
    )  # fmt: skip


def _token(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{32}", text):
        raise argparse.ArgumentTypeError("a token is 32 hex digits")
    return text


def _layout(options: argparse.Namespace) -> Layout:
    return Layout(options.base)


def _install(options: argparse.Namespace, _: list[str]) -> int:
    install(_layout(options), options.release, say, options.facts)
    return codes.DONE


def _configure(options: argparse.Namespace, _: list[str]) -> int:
    text = sys.stdin.read() if options.fleet == "-" else Path(options.fleet).read_text()
    changed = configure(_layout(options), text, options.host)
    say(step="configured", changed=changed)
    return codes.DONE


def _switch(options: argparse.Namespace, given: list[str]) -> int:
    layout = _layout(options)
    if not options.here:
        return in_background(given, layout.switches)
    deaf()
    patience = Patience(options.settle, options.drain, options.ready)
    switch = Switch(layout, tell, patience, stay_drained=options.stay_drained)
    return switch.to(options.release, options.once)


def _retire(options: argparse.Namespace, _: list[str]) -> int:
    patience = Patience(options.settle, options.drain)
    retire(_layout(options), say, patience)
    return codes.DONE


def _drain(options: argparse.Namespace, _: list[str]) -> int:
    return drain(_layout(options), say, Patience(options.settle, options.drain))


def _ready(options: argparse.Namespace, _: list[str]) -> int:
    return ready(_layout(options), say, options.ready)


def _state(options: argparse.Namespace, _: list[str]) -> int:
    say(**state(_layout(options)))
    return codes.DONE


def _prune(options: argparse.Namespace, _: list[str]) -> int:
    say(step="pruned", gone=prune(_layout(options), options.keep))
    return codes.DONE


def _hold(options: argparse.Namespace, _: list[str]) -> int:
    return hold(_layout(options), options.owner, options.release, options.silence)
