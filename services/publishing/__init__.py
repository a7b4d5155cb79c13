"""Publication: the event log itself, put into Kafka's topics exactly once and in order for each plan."""
