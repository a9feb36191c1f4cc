"""Telling people and agencies what happened to a dispute, and proving it."""
