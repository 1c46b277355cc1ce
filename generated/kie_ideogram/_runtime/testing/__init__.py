"""A local service that answers as the contract says, for tests and demos.

`service.py` decides, and knows nothing of HTTP; `app.py` speaks HTTP; `sandbox.py` is the face.
What is true of the API comes from the contract; how long a task takes, what a picture looks like
and which keys there are is the sandbox's own invention.
"""
