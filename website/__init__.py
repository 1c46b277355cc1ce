"""The documentation site: `make docs` builds it from docs/ and the contract into build/docs."""
