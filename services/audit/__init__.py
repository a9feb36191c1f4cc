"""The supervisors' service: hears everybody, tells the story. Decides nothing."""
