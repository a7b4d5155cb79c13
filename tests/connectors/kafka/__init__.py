"""Tests of the Kafka connector, on a real broker."""
