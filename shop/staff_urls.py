"""The staff's own pages under /staff/. Dates are written as 2026-11-24."""

from __future__ import annotations

from django.urls import path, register_converter

from shop.dates import DateConverter
from shop.views.staff import access, baking, dashboard, orders, packing

register_converter(DateConverter, "date")

app_name = "staff"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("login/", access.log_in, name="login"),
    path("logout/", access.log_out, name="logout"),
    path("bake-sheet/", baking.next_bake_sheet, name="next_bake_sheet"),
    path("bake-sheet/<date:date>/", baking.bake_sheet, name="bake_sheet"),
    path("packing/", packing.next_packing, name="next_packing"),
    path("packing/<date:date>/", packing.packing, name="packing"),
    path("packing/lines/<int:line_id>/", packing.pack_line, name="pack_line"),
    path("hand-over/", orders.find, name="hand_over"),
    path("orders/<str:code>/", orders.order, name="order"),
    path("orders/<str:code>/hand-over/", orders.hand_over, name="order_hand_over"),
    path("orders/<str:code>/state/", orders.move, name="order_move"),
    path("orders/<str:code>/mail/", orders.mail, name="order_mail"),
    path("styleguide/", dashboard.styleguide, name="styleguide"),
]
