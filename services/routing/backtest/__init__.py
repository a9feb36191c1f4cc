"""Rules tried on the past: drafts backtested, decisions reproduced, rows counted.

Everything here reads what routing has recorded and changes none of it.
"""
