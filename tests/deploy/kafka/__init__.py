"""Tests of the private Kafka."""
