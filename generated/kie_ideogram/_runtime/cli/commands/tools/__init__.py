"""The commands around the service: doctor, sandbox, callback verification."""
