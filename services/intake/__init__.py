"""Intake: the front door, by which disputes enter from agencies, people and files."""
