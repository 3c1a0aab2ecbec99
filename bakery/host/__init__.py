"""What a host does with releases. Nothing but the standard library is used here.

It runs with the host's own Python, before any environment exists:
`python3 bakery-host.pyz COMMAND --base /srv/bakery`, or in a release
`python3 -m bakery.host COMMAND --base /srv/bakery`.
"""
