"""The demo bakery: what it bakes, how, and who works there."""
