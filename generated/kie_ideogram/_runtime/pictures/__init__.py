"""Pictures on their way in: what a caller may hand over, what is found out about it, what is sent.

`sources.py` opens it, `header.py` looks at its first bytes, `content.py` decodes it where Pillow is
installed, `preflight.py` holds it against the contract, `run.py` goes on from there to the result.
"""
