"""Signed messages to the systems of subscribers, as the Standard Webhooks specification has them."""
