"""Copies of the product's data: made while it runs, checked, put back into an empty place.

The key store is copied apart from everything else and kept for a short time only. The
master key is in no copy.
"""
