"""The database's form, revision by revision."""
