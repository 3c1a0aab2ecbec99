"""The code that a phone at the counter scans."""

from __future__ import annotations

import io

import segno

from shop.links import order_link
from shop.models import Order

# Quarter modules of white around the code, as scanners expect.
BORDER = 4


def order_qr(order: Order) -> str:
    """A QR code of the order's own page as an SVG document, black on white.

    Scales to whatever box it is put in and stays readable in dark mode and in print.
    """
    code = segno.make_qr(order_link(order), error="m")
    out = io.BytesIO()
    code.save(
        out,
        kind="svg",
        border=BORDER,
        dark="#000",
        light="#fff",
        omitsize=True,
        xmldecl=True,
        title=f"Order {order.code}",
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue().decode()
