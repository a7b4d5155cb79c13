"""Journeys: whole lives of plans over HTTP, as councils, schools, health bodies and families live them."""
