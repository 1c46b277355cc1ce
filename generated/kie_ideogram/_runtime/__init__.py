"""The engine of the emitted package: ordinary Python that works from data.

It names no operation, model or URL. What is true of the API reaches it as a `shapes.Contract`;
clock, sleep and randomness are arguments.
"""
