"""Accounts: django-allauth does the work, and this package says how this shop wants it.

adapter.py        where allauth asks: limits, lifetimes, what happens at log-in and out
forms.py          the forms, in the shop's words
baskets.py        the basket comes along at log-in, and stays behind at log-out
claims.py         guest orders become the account's when its address is verified
mails.py          mails leave as tasks, never inside a request
passwords.py      what a password may be
second_factor.py  who needs one, who has passed it
middleware.py     what all account pages have in common
"""
