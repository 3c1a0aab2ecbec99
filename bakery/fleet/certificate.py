"""A certificate for the local fleet, so that it serves https like the real one."""

from __future__ import annotations

from pathlib import Path

LOCAL = ("127.0.0.1", "localhost")


def make_certificate(path: Path, *names: str) -> None:
    """Key and certificate in one file, for this machine or others, if there is none.

    Signed by an authority that exists for this moment only: browsers warn, as they
    should.
    """
    if path.exists():
        return
    import trustme

    issued = trustme.CA().issue_cert(*(names or LOCAL))
    path.touch(mode=0o600)
    issued.private_key_and_cert_chain_pem.write_to_path(path)
