"""The journal in a SQLite file, which the processes of one machine share."""
