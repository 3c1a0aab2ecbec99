"""A certificate for the local fleet, so that it serves https like the real one."""

from __future__ import annotations

from pathlib import Path


def make_certificate(path: Path) -> None:
    """Key and certificate for 127.0.0.1 and localhost in one file, if there is none.

    Signed by an authority that exists for this moment only: browsers warn, as they
    should.
    """
    if path.exists():
        return
    import trustme

    issued = trustme.CA().issue_cert("127.0.0.1", "localhost")
    path.touch(mode=0o600)
    issued.private_key_and_cert_chain_pem.write_to_path(path)
