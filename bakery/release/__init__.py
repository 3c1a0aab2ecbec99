"""Making releases: what `deploy` brings to the hosts."""
