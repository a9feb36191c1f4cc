"""What a machine needs to run Fengqiao: topics, settings, local servers."""
