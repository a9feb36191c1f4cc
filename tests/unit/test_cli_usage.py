"""What the command line says of itself, and of what it cannot read: both languages, whole."""

from __future__ import annotations

import re
import sys

import pytest
import typer
from rich.cells import cell_len
from typer.main import get_command
from typer.testing import CliRunner

from services import cli
from services.cli import app, misuse

PAGES = ["", "up", "ledger", "rules", "rules propose", "directory import", "restore"]


def shown(*arguments, width="80"):
    done = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": width})
    assert done.exit_code == 0
    return done.stdout


def asked(page):
    """The command of a page, as the framework has it."""
    found = get_command(app)
    for name in page.split():
        found = found.commands[name]
    return found


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", ["80", "132"])
def test_no_help_is_cut_off_or_wider_than_the_terminal(page, width):
    said, command = shown(*page.split(), width=width), asked(page)
    below = getattr(command, "commands", {}).values()
    written = [command.help, *(each.help for each in (*command.params, *below))]

    assert max(map(cell_len, said.splitlines())) <= int(width)
    for sentence in written:
        assert without_space(sentence) in without_space(said)


def without_space(said):
    return re.sub(r"\s", "", said)


def test_help_tells_what_is_needed_and_what_is_taken_otherwise():
    assert "[必填 · required]" in shown("rules", "approve", width="200")
    assert "[默认 · default: 100]" in shown("ledger", width="200")
    assert "--samples/--no-samples" in shown("up")
    assert "Show this message" not in shown("up")


@pytest.mark.parametrize(
    ("typed", "zh", "en"),
    [
        (
            "rules aprove",
            "没有命令 aprove。是否想用：approve",
            "no command aprove. Did",
        ),
        (
            "rules approve 1 --bye x",
            "没有选项 --bye。是否想用：--by？",
            "option --bye.",
        ),
        ("rules approve 1", "缺少 --by。", "--by is missing."),
        ("rules approve", "缺少 number。", "number is missing."),
        ("rules approve x --by a/b", "number 的值不能用", "number cannot be used: In"),
        ("ledger --stage", "选项 --stage 须带一个值。", "--stage needs a value."),
        ("up --once=3", "选项 --once 不能带值。", "--once takes no value."),
        ("ledger one two", "多出了 one two，", "one two is more than"),
    ],
)
def test_what_cannot_be_read_is_told_in_chinese_first(typed, zh, en):
    with pytest.raises(typer.TyperException) as wrong:
        app(typed.split(), prog_name="fengqiao", standalone_mode=False)
    first, second, *_ = misuse.in_words(wrong.value).splitlines()

    assert zh in first
    assert en in second


def test_what_the_framework_says_anew_is_told_as_it_says_it():
    first, second = misuse.in_words(typer.TyperException("Odd.")).splitlines()

    assert first == "命令写法不对，原因见下一行。"
    assert second == "The command cannot be read: Odd."


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("rules approve", 2, "fengqiao rules approve --help"),
        ("", 2, "命令 · commands"),
        ("up --help", 0, ""),
        ("parked release x --by police-fengqiao", 2, "message 的值不能用"),
    ],
)
def test_the_exit_status_tells_wrong_use(monkeypatch, capsys, typed, status, said):
    monkeypatch.setattr(sys, "argv", ["fengqiao", *typed.split()])
    monkeypatch.setattr(cli.logs, "set_up", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == status
    assert said in capsys.readouterr().err
