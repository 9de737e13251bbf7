"""The shape of the code: limits, arrows and imports, so that a drawing never replaces a fact."""

import ast
import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("tegata", "issuer", "verifier", "wallet_bridge", "schemas")
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 80


def _sources(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "node_modules" not in path.parts and "versions" not in path.parts]


def test_no_file_is_longer_than_600_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in _sources(*PACKAGES, "tests")
        if (count := len(path.read_text("utf-8").splitlines())) > MAX_FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_80_lines() -> None:
    long = {}
    for path in _sources(*PACKAGES, "tests"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = length
    assert long == {}


def test_every_module_with_code_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in _sources(*PACKAGES)
        if (tree := ast.parse(path.read_text("utf-8"))).body and not ast.get_docstring(tree)
    ]
    assert silent == []


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(path: Path, known: set[str]) -> set[str]:
    """Return the project's modules that a file imports when it is loaded."""
    found: set[str] = set()
    # Imports inside functions and under TYPE_CHECKING do not run at load time.
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.add(full if full in known else node.module)
    return found & known


def test_no_modules_import_each_other_in_a_circle() -> None:
    files = {_module_name(path): path for path in _sources(*PACKAGES)}
    graph = {name: _imports(path, set(files)) - {name} for name, path in files.items()}
    # A package's __init__ may export from its own modules, and these may not import the package back.
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in done:
            return
        assert name not in trail, f"import cycle: {' → '.join([*trail[trail.index(name) :], name])}"
        for target in sorted(graph[name]):
            visit(target, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_imported_from_its_own_folder(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == (ROOT / package / "__init__.py").resolve()


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py") if "node_modules" not in path.parts}
    without = [
        str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ]
    assert without == []


def test_the_top_level_is_the_agreed_one() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    folders = {name.split("/")[0] for name in tracked if "/" in name}
    assert folders == {*PACKAGES, "tests", "docs", "requirements", ".ci"}


def test_the_wheel_lists_its_five_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert patterns == [f"{name}*" for name in PACKAGES]


def test_requirements_are_pinned_with_hashes_and_name_no_host() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        lines = path.read_text("utf-8").splitlines()
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pins, path.name
        assert all("==" in line for line in pins), path.name
        assert not [line for line in lines if "://" in line or "--index" in line or "--find-links" in line]
        assert sum("--hash=sha256:" in line for line in lines) >= len(pins)


def test_every_lint_exception_states_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    block = project.split("ignore = [", 1)[1].split("\n]", 1)[0]
    bare = [line for line in block.splitlines() if line.strip().startswith('"') and "#" not in line]
    assert bare == []


def test_the_library_can_be_imported_without_any_service() -> None:
    code = (
        "import sys, tegata.formats.credential, tegata.keys.signer;"
        "bad = {'fastapi', 'sqlalchemy', 'sqlmodel', 'httpx', 'issuer', 'verifier', 'schemas'} & set(sys.modules);"
        "sys.exit(bool(bad) and repr(bad))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert result.returncode == 0, result.stderr
