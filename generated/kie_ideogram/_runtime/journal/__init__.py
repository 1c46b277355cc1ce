"""What is written down before a create is sent and after it is answered, so that no crash loses it.

`file.py` opens and guards the SQLite file, `owner.py` tells the living from the dead, `jobs.py`
is the state machine, `reference.py` the mark that a callback brings back.
"""
