"""Brings releases to a fleet over ssh while it sells, and back if they are no good."""
