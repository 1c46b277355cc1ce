"""The tables in PostgreSQL: of the journal, of the rows, and of the queue."""
