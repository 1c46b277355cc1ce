"""What a batch writes: results, failures, a report."""
