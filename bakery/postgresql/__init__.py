"""PostgreSQL as Django knows it, for a database that may be away."""
