"""python3 -m bakery.host"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.dont_write_bytecode = True  # a release is not written into

    from bakery.host.command import main

    sys.exit(main())
