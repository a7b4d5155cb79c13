"""The edges of the platform: documents, messaging, NHS, schools, councils and identity."""
