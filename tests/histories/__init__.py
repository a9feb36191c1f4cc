"""Histories of packs that were published: decisions with the rules that made them.

A folder is never written again: it stands for what some county has in its database.
`python -m tests.histories.writing REGION` adds one for the pack that a region has now.
"""
