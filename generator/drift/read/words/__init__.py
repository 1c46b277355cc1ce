"""Reads labels, values and sentences in English and Chinese."""
