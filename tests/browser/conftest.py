"""A demo shop served for real, and a real browser to visit it with."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.processes import ROOT, Machine, wait_until

PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
FLAGS = [
    "--no-sandbox",  # a container's root cannot have the sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
SMALL = {"width": 320, "height": 640}
HTML = "text/html; charset=utf-8"
networks = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found:
        return found
    reason = "no Chromium on PATH (Debian: apt install chromium)"
    if os.environ.get("CI"):
        pytest.fail(f"CI has to run the browser tests, but there is {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="package")
def shop(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The demo bakery on its own port, served by `manage.py serve`."""
    machine = Machine(tmp_path_factory.mktemp("shop"))
    machine.manage("prepare", "--demo")
    machine.start("serve")
    try:
        assert wait_until(lambda: machine.answers("/ready"), 60), machine.log
        yield machine
    finally:
        machine.clean_up()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Until the last test here: as long as it lives, so does its event loop, and what
    comes after may not ask the database beside that.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, shop: Machine) -> Iterator[Callable[..., Page]]:
    """visit(script=True, size=PHONE, dark=False): a new shopper's empty browser."""
    contexts: list[BrowserContext] = []

    def new(*, script: bool = True, size: dict = DESKTOP, dark: bool = False) -> Page:
        context = browser.new_context(
            base_url=shop.url,
            java_script_enabled=script,
            viewport=size,
            color_scheme="dark" if dark else "light",
            locale="en-IE",
            timezone_id="Europe/Dublin",
            reduced_motion="reduce",
            # Each visitor comes from a network of their own: the shop lets one
            # network keep only so many checkouts open.
            extra_http_headers={"X-Forwarded-For": f"198.51.{next(networks) % 256}.7"},
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.script = script
        page.complaints = []
        page.on("pageerror", lambda error: _note_error(page, error))
        page.on("console", lambda said: _note(page, said))
        page.on("response", lambda answer: _note_failure(page, answer))
        return page

    yield new
    for context in contexts:
        complaints = [c for page in context.pages for c in page.complaints]
        context.close()
        assert complaints == [], shop.log[-3000:]


def _note_error(page: Page, error) -> None:
    """Errors of scripts; a cross-fade that the next page has no part in is none."""
    if "Transition was aborted" not in str(error):
        page.complaints.append(str(error))


def _note(page: Page, said) -> None:
    """Whatever the browser calls an error, a refused inline style for example.

    That a page itself came with a status of its own (422, 409) is no error here.
    """
    if said.type == "error" and "Failed to load resource" not in said.text:
        page.complaints.append(said.text)


def _note_failure(page: Page, answer) -> None:
    if answer.status >= 500 or (
        answer.status == 404 and answer.request.resource_type != "document"
    ):
        page.complaints.append(f"{answer.status} {answer.url}")


@pytest.fixture
def look(browser: Browser) -> Callable[..., None]:
    """look(page, "basket"): nothing wrong for axe, nothing wider than the screen.

    SCREENSHOTS=1 also keeps a picture of it in var/screenshots.
    """

    def look(page: Page, name: str, *, impacts: set[str] | None = None) -> None:
        with _measurable(page, browser) as shown:
            if os.environ.get("SCREENSHOTS"):
                _keep_picture(shown, name)
            assert complaints_of_axe(shown, impacts) == []
            assert overflow(shown) == 0, f"{name} is wider than the screen"

    return look


@contextmanager
def _measurable(page: Page, browser: Browser) -> Iterator[Page]:
    """The page, or its twin if it runs no script: axe is a script itself.

    The twin shows the same HTML and loads the same styles, but not the shop's script.
    """
    if page.script:
        yield page
        return
    context = browser.new_context(viewport=page.viewport_size, reduced_motion="reduce")
    twin = context.new_page()
    html = page.content()
    twin.route("**/*.js", lambda route: route.abort())
    twin.route(page.url, lambda route: route.fulfill(body=html, content_type=HTML))
    twin.goto(page.url)
    yield twin
    context.close()


def complaints_of_axe(page: Page, impacts: set[str] | None = None) -> list[str]:
    """What axe has against the page, in lines; only of these impacts if given."""
    page.wait_for_load_state()
    # Without preloading: axe would write inline styles, which our policy refuses.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
        if impacts is None or rule["impact"] in impacts
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def _keep_picture(page: Page, name: str) -> None:
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    name = f"{name}-{page.viewport_size['width']}-{'dark' if dark else 'light'}.png"
    folder = ROOT / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / name, full_page=True)
