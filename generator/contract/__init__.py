"""From the written contract to one checked `Contract`."""
