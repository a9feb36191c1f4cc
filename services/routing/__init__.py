"""Routing: who should act on a dispute, on what legal ground, found by which steps."""
