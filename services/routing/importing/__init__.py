"""A directory that comes as a table or a workbook: read, checked, and made a version."""
