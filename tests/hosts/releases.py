"""Releases for the tests: the one of this source, and others made of changed copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from bakery.release.contents import sources
from bakery.release.make import make_release
from bakery.release.store import Release

ROOT = Path(__file__).resolve().parent.parent.parent
MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop", "{last}")]
    operations = [migrations.RemoveField("product", "name")]
"""


def changed(into: Path, folder: Path, change: Callable[[Path], None]) -> Release:
    """A release of this source with a change."""
    tree = folder / "tree"
    for path in sources(ROOT):
        copy = tree / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    change(tree)
    release = make_release(into, source=tree)
    shutil.rmtree(tree)
    return release


def add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def other_words(tree: Path) -> None:
    """Other pages and other static files: what shoppers may be given a mixture of."""
    template = tree / "bakery/templates/base.html"
    text = template.read_text()
    assert "</body>" in text
    template.write_text(text.replace("</body>", "<!-- the next one --></body>"))
    add(tree / "shop/static/shop/storefront.css", "\n/* the next one */\n")


def does_not_boot(tree: Path) -> None:
    add(tree / "bakery/wsgi.py", '\nraise RuntimeError("it does not boot")\n')


def fails_with_shoppers(tree: Path) -> None:
    """All is well as long as it is asked directly."""
    add(
        tree / "bakery/headers.py",
        """

class Broken(HeadersMiddleware):
    def __call__(self, request):
        if "X-Forwarded-For" in request.headers:
            raise RuntimeError("a mistake that only shoppers find")
        return super().__call__(request)


HeadersMiddleware = Broken
""",
    )


def is_three_times_as_slow(tree: Path) -> None:
    add(
        tree / "bakery/wsgi.py",
        """
import time

fast = application


def application(environ, start_response):
    began = time.perf_counter()
    answer = fast(environ, start_response)
    if environ["PATH_INFO"] not in ("/up", "/ready", "/metrics"):
        time.sleep(2 * (time.perf_counter() - began) + 0.004)
    return answer
""",
    )


def breaks_the_database(tree: Path) -> None:
    """It takes a column away that the release before reads."""
    folder = tree / "shop/migrations"
    last = max(path.stem for path in folder.glob("0*.py"))
    folder.joinpath("9999_breaking.py").write_text(MIGRATION.format(last=last))
