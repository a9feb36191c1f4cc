"""The services, each a name, an empty state and one pure function."""
