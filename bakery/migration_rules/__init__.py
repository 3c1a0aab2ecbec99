"""What a migration may do while servers of the release before it are selling.

Every operation is either known to be harmless or refused, with what to do instead. A
class that says `contract = True` is applied only when no server needs any more what it
takes away, so what would break old code is allowed there; what would hold up shoppers
behind a lock is not. A class that says `harmless = "why"` is judged by its author.
"""
