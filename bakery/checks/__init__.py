"""The golden rule as system checks: no server keeps what is a shopper's.

Each rule has an id and a hint that says what to set instead. On one machine a broken
rule is no fault and `check --deploy` mentions it as a warning, as what stands between
this shop and a fleet. As soon as FLEET is set it is an error, in every command.
"""
