"""Makes the demo bakery's pictures from the masters beside this file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from shop.demo.bakery import PRODUCTS
from shop.models import Picture, Product
from shop.picture_files import make_files
from shop.pictures import store_picture

MASTERS = Path(__file__).with_name("pictures")
CREDIT = "Computer rendering; the real one looks different every day."
PROCESSES = 2
HERO = "hero"
HERO_ALT = (
    "Sourdough, milk bread, baguettes, croissants, sesame buns and cinnamon rolls on a "
    "wooden board with a linen cloth"
)


@dataclass(frozen=True)
class _Wanted:
    name: str
    alt: str
    product: Product | None = None
    slot_name: str = ""


def make_pictures(say: Callable[[str], None]) -> int:
    """Make the pictures of demo products that have none, and the hero's.

    Encoding takes a second each, so two processes share it; rows and files are written
    here, one picture at a time. Repeatable, also after being stopped half way.
    """
    wanted = list(_wanted())
    if not wanted:
        return 0
    masters = [(MASTERS / f"{each.name}.jpg").read_bytes() for each in wanted]
    # Started anew rather than forked: a forked process would share our connection to
    # the database.
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        made = pool.map(make_files, masters)
        for each, master, files in zip(wanted, masters, made, strict=True):
            say(f"picture {each.name}")
            store_picture(
                master,
                alt=each.alt,
                credit=CREDIT,
                product=each.product,
                slot_name=each.slot_name,
                made=files,
            )
    return len(wanted)


def _wanted() -> Iterator[_Wanted]:
    if not Picture.objects.filter(slot_name=HERO).exists():
        yield _Wanted(HERO, HERO_ALT, slot_name=HERO)
    alts = {demo.slug: demo.alt for demo in PRODUCTS}
    bare = Product.objects.filter(slug__in=alts, pictures=None).order_by("pk")
    for product in bare:
        yield _Wanted(product.slug, alts[product.slug], product)
