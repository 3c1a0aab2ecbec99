#!/usr/bin/env python3
"""Runs the shop's commands: `python manage.py help` lists them."""

import gc
import os
import sys


def main() -> None:
    # What is imported stays: seldom look for something to collect there.
    gc.set_threshold(50_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.prod")
    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)  # Ctrl-C is no error that needs a traceback


if __name__ == "__main__":
    main()
