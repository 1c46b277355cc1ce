"""What every other module may use: errors, effects, clock, telemetry, files."""
