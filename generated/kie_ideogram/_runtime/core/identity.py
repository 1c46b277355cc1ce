# Generated from spec/ by `make generate`. Do not edit.
"""The identity of this package, as `x-package` in the spec declares it."""

NAME = "kie"
DISTRIBUTION = "kie-ideogram"
CLIENT = "Kie"
USER_AGENT = "kie-ideogram"
CALLBACK_PARAMETER = "kie-submission"
JOURNAL_ID = 0x6B69656A

# Former names → names.
FORMER_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "job": ("idempotency_key",),
    "key": ("idempotency_key", "secret", "api_key"),
}
FORMER_ATTRIBUTES: dict[str, str] = {"adopt": "attach", "alarms": "duplicate_charges", "finish": "mark_done"}
FORMER_COMMANDS: dict[str, str] = {"adopt": "attach", "alarms": "unknown", "finish": "mark-done"}
FORMER_OPTIONS: dict[str, str] = {
    "--job": "--idempotency-key",
    "--key": "--idempotency-key",
    "--key-file": "--secret-file",
}
