"""Kept pages: the catalogue answered from memory, and fresh everywhere in a second.

stamp.py      what tells a fresh page from an old one; its truth is in the database
triggers.py   how every visible change, whoever makes it, moves the stamp
kept.py       the pages, in this process and for all servers
middleware.py answers with them, and makes those that are missing
front.py      gives its answers again, in front of Django
"""
