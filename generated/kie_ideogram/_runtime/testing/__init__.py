"""A local service that answers as the contract says, for tests and demonstrations.

`fake_service/` decides what to answer and does not use HTTP. `server/` serves it over HTTP. `sandbox.py`
is the interface. What is true of the API comes from the contract. How long a task takes, what a result
looks like and which API keys exist is defined here.
"""
