"""Where one goes after signing in."""

import pytest

from tegata.service.staff.guard import safe_path


@pytest.mark.parametrize(
    "path", ["/", "/batches", "/batches/1?page=2&q=%E9%9D%92", "/a//b", "/x?to=//evil.example"]
)
def test_pages_of_ours_are_gone_back_to(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "batches",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/a\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        " /batches",
        "/\t/evil.example",
        "/\n/evil.example",
        "/batches\r\nSet-Cookie: a=b",
        "/\x00",
        "/\u2028/",
        "/sign-in",
        "/sign-in?to=/",
        "/sign-out",
        "/" + "a" * 2000,
    ],
)
def test_everything_else_leads_home(path: str) -> None:
    assert safe_path(path) == "/"
