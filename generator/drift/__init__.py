"""A documentation page compared with the contract, statement by statement. See README.md beside this."""
