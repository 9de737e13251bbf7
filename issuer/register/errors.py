"""What an import refuses as a whole, and the one kind of refusal of a single value.

A refused file is discarded; nothing of it is kept or logged. Rows in error are not errors of this kind: they are
`Problem`s of the report.
"""

from tegata.errors import Conflict, Forbidden, LimitExceeded, MalformedInput, Text


class UnreadableFile(MalformedInput):
    """The bytes are text in no encoding that schools' software writes."""

    kind = "file_unreadable"
    text = Text(
        "ファイルを読み取れませんでした。文字コードがUTF-8でもShift_JISでもないようです。「CSV UTF-8」で保存し直して、もう一度選んでください。",
        "We could not read the file. Its encoding seems to be neither UTF-8 nor Shift_JIS. Save it as CSV UTF-8 and "
        "choose it again.",
    )


class BrokenTable(MalformedInput):
    """The text is not a table: a quote that never closes, two columns of one name, no header."""

    kind = "table_broken"


class MissingColumn(MalformedInput):
    """A column that certificates need is not in the table."""

    kind = "column_missing"

    def __init__(self, file: str, label: Text, column: str = "") -> None:
        shown = f"（{column}）" if column else ""
        super().__init__(
            f"file {file[:60]!r} has no column for {label.en}",
            public=Text(
                f"必要な列「{label.ja}」{shown}がありません。このままでは証明書を作れません。列を加えるか、手順2で対応する列を選んでください。",
                f'The column "{label.en}" {column and f"({column}) "}is missing, so certificates cannot be made. Add it, '
                "or pick the matching column in step 2.",
            ),
            pointer=column or label.en,
        )


class MissingFile(MalformedInput):
    """A table that OneRoster Japan requires is not in the delivery."""

    kind = "file_missing"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is missing",
            public=Text(
                f"必要なファイル「{name}」がありません。書き出したファイルをすべて選んでください。",
                f'The file "{name}" is missing. Choose all files of the export.',
            ),
            pointer=name,
        )


class FileTooLarge(LimitExceeded):
    """A file, an archive's content or a table is larger than an import may be."""

    kind = "file_too_large"
    text = Text(
        "ファイルが大きすぎます。選べるのは20MBまでです。学年ごとに分けて、もう一度選んでください。",
        "The file is too large; the limit is 20 MB. Split it, for example by grade, and choose it again.",
    )


class ArchiveRefused(MalformedInput):
    """The ZIP is broken, encrypted or not flat."""

    kind = "archive_refused"
    text = Text(
        "ZIPファイルを開けませんでした。フォルダーを作らず、CSVだけを、パスワードなしで入れてください。",
        "We could not open the ZIP. It has to hold CSV files only, without folders and without a password.",
    )


class OtherSchool(Forbidden):
    """The file is about a school other than the one whose register is open."""

    kind = "other_school"
    text = Text(
        "この学校の名簿ではないようです。ファイルの学校コードを確かめて、もう一度選んでください。",
        "This does not seem to be this school's register. Check the school code in the file and choose it again.",
    )


class RowsInError(Conflict):
    """Rows are in error and nobody said to leave them out."""

    kind = "rows_in_error"
    text = Text(
        "エラーの行があります。直したファイルを選び直すか、エラーの行の人を除いて取り込んでください。",
        "Some rows are in error. Choose a corrected file, or import without the people in these rows.",
    )


class RegisterChanged(Conflict):
    """The register is no longer the one that the dry run compared with."""

    kind = "register_changed"
    text = Text(
        "事前確認の後に名簿が変わりました。まだ何も取り込んでいません。もう一度、事前確認をしてください。",
        "The register has changed since the check. Nothing has been imported. Please check again.",
    )


class ImportEnded(Conflict):
    """The import is confirmed, cancelled or too old."""

    kind = "import_ended"
    text = Text(
        "この取込みはすでに終わっています。必要なら、ファイルを選び直してください。",
        "This import has already ended. If you need it, choose the file again.",
    )


class NotChecked(Conflict):
    """The import has not been checked yet: its columns are not matched."""

    kind = "import_not_checked"
    text = Text(
        "事前確認がまだ済んでいません。列の対応を確認してください。",
        "This import has not been checked yet. Please match its columns first.",
    )


class CellRefused(MalformedInput):
    """One value of a row does not have the form of its field; `public` says what, `fix` says how to put it right."""

    kind = "cell_refused"

    def __init__(self, code: str, what: Text, fix: Text) -> None:
        super().__init__(code, public=what)
        self.code = code
        self.fix = fix


class PracticeRefused(MalformedInput):
    """What a school wants to set for its documents is not understood: grading, credits, limits."""

    kind = "practice_refused"
    text = Text(
        "学校の設定を読み取れませんでした。評価基準などの書き方を確かめてください。",
        "The school's settings could not be read. Check how the grading scheme and the rest are written.",
    )
