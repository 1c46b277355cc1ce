"""Batches on many machines: the journal, the rows and the queue are in one PostgreSQL database.

`database.py` and `schema.py` connect to it and make its tables, `store.py` is the journal's store, `rows.py`
has the batches, `queue.py` is PgQueuer, `worker.py` works on rows, and `resource.py` is what callers use.
"""
