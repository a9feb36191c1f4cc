"""`python -m bench`: measures the whole product on real Kafka and PostgreSQL.

Knows the product from outside: topics, HTTP, and the tables where results lie.
"""
