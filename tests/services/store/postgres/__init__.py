"""The record store on PostgreSQL: what only a server of its own, and accidents to it, can show."""
