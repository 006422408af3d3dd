"""Calling citizens back to ask how it went.

Callback staff are in no queue, so the engine offers them no calls: while they call a citizen
back nothing has to keep other calls away from them.
"""
