"""Escalation: who holds a dispute, until when, and where it goes next."""
