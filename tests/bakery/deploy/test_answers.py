"""What programs on hosts print, read as JSON."""

from __future__ import annotations

import pytest

from bakery.deploy.answers import json_of
from bakery.deploy.connection import HostError, Said


@pytest.mark.parametrize("before", ["", "Welcome to app1!\n", "{}\n\n"])
def test_what_a_shell_prints_before_is_passed_over(before):
    assert json_of("app1", Said(0, f'{before}["an answer"]\n', "")) == ["an answer"]


@pytest.mark.parametrize("said", ["", "\n", "Bye!\n", '["an answer"]\nBye!\n'])
def test_what_is_no_json_is_told_of_its_host(said):
    with pytest.raises(HostError, match=r"app1: its answer cannot be read.*bashrc"):
        json_of("app1", Said(0, said, ""))
