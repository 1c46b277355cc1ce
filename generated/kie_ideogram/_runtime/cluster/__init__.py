"""Batches on many machines: the journal, the rows and the queue are in one PostgreSQL database."""
