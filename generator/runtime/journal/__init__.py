"""The journal: what is recorded before a submission is sent and after it is answered.

`database.py` opens and guards the SQLite file, `process_lock.py` knows which processes are alive,
`journal.py` is the state machine, `callback_token.py` signs what a callback's URL carries.
"""
