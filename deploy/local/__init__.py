"""Real PostgreSQL and real Kafka on this machine, from packages, without Docker."""
