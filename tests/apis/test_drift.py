"""What drift reads from the spec of another API: the key's header, the request and the accepted response."""

import pytest

from generator.contract.source import read_spec
from generator.drift.compare.claims import model_entries, read_claims
from tests.generator.edits import ROOT


@pytest.mark.parametrize(
    ("api", "model", "field", "response"),
    [("luma", "ray-2", "prompt", "state"), ("runway", "gen4_image", "promptText", "id")],
)
def test_claims_of_a_spec_without_an_envelope(api: str, model: str, field: str, response: str) -> None:
    document = read_spec(ROOT / "examples" / "apis" / api / "spec").openapi
    claims = read_claims(document, model_entries(document)[model]).by_subject
    assert claims["header", "Authorization", "scheme"].value == "bearer"
    assert claims["request", field, "required"].value is True
    assert claims["response", response, "required"].value is True
