"""What the README says is true: its programs run, and its tables list every option with its default."""

from __future__ import annotations

import inspect
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from muster import Agent, AsyncMuster, Context, Muster

README = Path(__file__).parents[1] / "README.md"
PREAMBLE = "async def draft(content, results):\n    return content.upper()\n\n"


def programs(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def test_its_programs_run(muster: Muster) -> None:
    names: dict[str, Any] = {}
    muster.register_agent(agent_id="ada", capabilities=["python", "web"])
    for program in programs(README)[:-1]:
        exec(compile(program, README.name, "exec"), names)
    assert muster.get_task(names["task"].task_id).assigned_to == "ada"
    assert inspect.iscoroutinefunction(names["report"])
    names["muster"].close()
    muster.deregister_agent("ada")


@pytest.mark.parametrize("page", [README, README.parents[2] / "README.md"])
def test_its_agent_works(muster: Muster, tmp_path: Path, page: Path) -> None:
    script = tmp_path / "agent.py"
    script.write_text(PREAMBLE + programs(page)[-1])
    with subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True) as process:
        task = muster.create_task("a topic", task_type="report", requirements=["writing"])
        assert muster.wait_for(task, timeout=45).result == {"text": "A TOPIC"}
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert (process.wait(45), process.stderr.read()) == (0, "")
    until(lambda: muster.get_agent("writer").state == "left")


def table_with(row: str) -> dict[str, str]:
    """A table of the README: its second column by its first."""
    [table] = [part for part in README.read_text().split("\n\n") if f"| `{row}" in part]
    return dict(re.findall(r"^\| `(\w+)[^|]*\| (.+?) +\|", table, re.MULTILINE))


@pytest.mark.parametrize(
    ("kind", "row"), [(Muster, "http_client"), (AsyncMuster, "http_client"), (Agent, "per_process")]
)
def test_its_tables_list_every_option_with_its_default(kind: type, row: str) -> None:
    said = table_with(row)
    parameters = list(inspect.signature(kind).parameters.values())
    assert list(said) == [one.name for one in parameters]
    for one in parameters:
        is_plain = isinstance(one.default, bool | float | int) and abs(one.default) < 100
        if is_plain:
            assert said[one.name] == str(one.default)
        elif one.default is inspect.Parameter.empty:
            assert said[one.name] == "required"


def test_its_table_lists_what_a_context_has() -> None:
    have = {name for name in [*vars(Context), "cancelled"] if not name.startswith("_")}
    assert set(table_with("raise_if_cancelled")) == {"ctx", *have}
