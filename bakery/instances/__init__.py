"""Clones: made while the fleet sells, and taken away again."""
