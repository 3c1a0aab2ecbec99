"""Which methods a page with a form answers to; 405 to every other one."""

from __future__ import annotations

from django.views.decorators.http import require_http_methods

page_with_form = require_http_methods(["GET", "HEAD", "POST"])
