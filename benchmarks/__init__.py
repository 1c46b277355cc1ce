"""Benchmarks of CPU time and memory. `make bench` prints them as medians of ratios within one run."""
