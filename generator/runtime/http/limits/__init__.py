"""Applies the rate limits before requests are sent."""
