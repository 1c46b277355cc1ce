"""How IPython and Jupyter show a task and a result."""

import base64
from pathlib import Path

from kie_ideogram._contract import CONTRACT
from kie_ideogram._runtime.media.validate import ImageReport
from kie_ideogram._runtime.tasks.results.view import TaskView
from kie_ideogram.types import DryRun, Result
from tests.client.conftest import PICTURE_URL, PNG, TASK_ID, record, succeeded


def view(reply: dict[str, object]) -> TaskView:
    return TaskView(CONTRACT.workflow, TASK_ID, reply["data"], None)  # type: ignore[arg-type] # a dict


def test_task_is_a_table_with_its_images() -> None:
    html = view(succeeded(PICTURE_URL))._repr_html_()
    assert TASK_ID in html
    assert f'<img src="{PICTURE_URL}"' in html


def test_failed_task_names_its_reason_escaped() -> None:
    html = view(record("fail", failCode="422", failMsg="<script>"))._repr_html_()
    assert "422 &lt;script&gt;" in html
    assert "<img" not in html


def test_link_that_is_not_http_is_not_shown() -> None:
    assert "<img" not in view(succeeded("javascript:alert(1)"))._repr_html_()


def test_result_embeds_its_saved_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    result = Result(view(succeeded()), [path], {}, ())
    assert base64.b64encode(PNG).decode() in result._repr_html_()
    assert result._repr_png_() == PNG


def test_dry_run_is_a_table_with_its_price_and_request_escaped() -> None:
    picture = ImageReport("image", "a<b.png", "image/png", (3, 2), notes=("not checked",))
    html = DryRun({"input": {"prompt": "<script>"}}, (picture,), 18.0)._repr_html_()
    assert "<tr><th>image</th><td>a&lt;b.png, image/png, 3x2 pixels, not checked</td></tr>" in html
    assert "<tr><th>credits</th><td>18</td></tr>" in html
    assert "&quot;prompt&quot;: &quot;&lt;script&gt;&quot;" in html


def test_result_of_several_files_has_no_png(tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    result = Result(view(succeeded()), paths, {}, ())
    assert result._repr_png_() is None
    assert str(paths[1]) in result._repr_html_()
