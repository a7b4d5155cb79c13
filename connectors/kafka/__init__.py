"""Apache Kafka: the one place of the platform that knows it."""
