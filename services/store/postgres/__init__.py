"""The record store on PostgreSQL: several processes, one order of commits."""
