"""The table of docs/law/retention.md, from the documents' own data."""

from schemas import catalogue
from schemas.description import validity_text
from tests.docs.markdown import table

_COLUMNS = ("証明書 Document", "もとの記録の保存 The record behind it", "根拠 Law", "証明書の期限 Validity")


def content() -> str:
    """Return the table: one row a document."""
    rows = []
    for document in catalogue.load().documents:
        kept, lasts = document.retention, validity_text(document.validity)
        link = f"[{document.title.ja}](../reference/documents/{document.name}.md)"
        rows.append(
            (
                f"{link}<br>{document.title.en}",
                f"{kept.text.ja}<br>{kept.text.en}",
                kept.law,
                f"{lasts.ja}<br>{lasts.en}",
            )
        )
    return table(_COLUMNS, rows)
