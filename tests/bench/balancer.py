"""Pages from the balancer's cache, beside HAProxy's own with nothing else to do."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from bakery.fleet.balancer import Balancer, Clone, configuration
from bakery.servers.haproxy import haproxy
from bakery.servers.ports import free_port
from bakery.servers.process import Program
from bakery.servers.starting import started, wait_until_up
from basket.tokens import signing_key
from tests.bench.browser import Browser
from tests.bench.load import Load
from tests.bench.row import Row, Target
from tests.bench.served import Served
from tests.bench.stage import SECRET_KEY, Stage
from tests.bench.turns import by_turns, cpu_row, rate_row

REQUESTS = 120_000  # a second of processor time
# On one connection at once: the shoppers' process is slower than HAProxy.
AHEAD = 8
RATE = Target("ratio", least=0.8)
CPU = Target("ratio", most=1 / 0.8)
PLAIN = """
global
    maxconn 4096
defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 15s
cache pages
    total-max-size 64
    max-object-size 262144
    max-age 60
    process-vary on
frontend shop
    bind 127.0.0.1:{port}
    default_backend floor
backend floor
    http-request cache-use pages
    http-response cache-store pages
    server floor 127.0.0.1:{behind}
"""


def measure(stage: Stage) -> list[Row]:
    """The home page, for shoppers who have a basket and for new ones.

    Who is new gets a cookie of the balancer's own, with pages from its cache and with
    those that it has to ask for: these fill the cache for all others.
    """
    with ExitStack() as stack:
        bare = stage.floor("bare_wsgi", stage.home, stack=stack)
        ours = _balancer(stack, stage.folder, stage.shop.port)
        plain = _plain(stack, stage.folder, bare.port)
        return [
            *_measure(stage, "basket cookie", [stage.shopper], ours, plain),
            *_measure(stage, "half new", [stage.shopper, {}], ours, plain),
            *_measure(stage, "all new", [{}], ours, plain),
        ]


def _measure(
    stage: Stage, who: str, visitors: list[dict[str, str]], ours: Served, plain: Served
) -> list[Row]:
    def ask(server: Served) -> Load:
        browsers = [Browser(server.port, dict(cookies)) for cookies in visitors]
        return server.load(
            "tests.bench.visits:asked",
            ahead=AHEAD,
            requests=[browser.get("/").decode() for browser in browsers],
            count=stage.count(REQUESTS),
            expect={200},
        )

    pairs = by_turns(stage.rounds, lambda: ask(ours), lambda: ask(plain))
    work = f"balancer, home, {who}"
    return [
        rate_row(f"{work}: rate", pairs, RATE, "limited by the shoppers' process"),
        cpu_row(f"{work}: CPU", pairs, CPU),
    ]


def _balancer(stack: ExitStack, folder: Path, behind: int) -> Served:
    """The fleet's own configuration, in front of one clone."""

    def make() -> Program:
        port = free_port()
        told = Balancer(
            bind=f"127.0.0.1:{port}",
            socket=folder / "haproxy.sock",
            clones=[Clone("clone-1", f"127.0.0.1:{behind}")],
            basket_key=signing_key(SECRET_KEY),
            requests_per_10s=100_000_000,
        )
        return _program(folder / "balancer.cfg", configuration(told), port)

    return _started(stack, make)


def _plain(stack: ExitStack, folder: Path, behind: int) -> Served:
    def make() -> Program:
        port = free_port()
        words = PLAIN.format(port=port, behind=behind)
        return _program(folder / "plain.cfg", words, port)

    return _started(stack, make)


def _program(file: Path, words: str, port: int) -> Program:
    file.write_text(words)
    return haproxy(file, port=port, log=file.with_suffix(".log"))


def _started(stack: ExitStack, make) -> Served:
    program = wait_until_up(started(make), make)
    stack.callback(program.stop)
    return Served(program)
