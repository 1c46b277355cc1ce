"""Benchmarks: CPU seconds, interleaved, medians of ratios taken in one run. `make bench` prints them."""
