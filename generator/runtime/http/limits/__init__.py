"""Rate limits, kept before a request is sent."""
