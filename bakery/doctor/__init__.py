"""Asks everything the shop stands on, live, and says what to do where it is wrong."""
