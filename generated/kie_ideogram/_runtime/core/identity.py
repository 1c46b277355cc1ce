# Generated from spec/ by `make generate`. Do not edit.
"""The identity of this package, as `x-package` in the spec declares it."""

NAME = "kie"
DISTRIBUTION = "kie-ideogram"
CLIENT = "Kie"
USER_AGENT = "kie-ideogram"
CALLBACK_PARAMETER = "kie-submission"
JOURNAL_ID = 0x6B69656A
