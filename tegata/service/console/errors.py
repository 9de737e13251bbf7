"""What the kit itself refuses, as types."""

from tegata.errors import Forbidden, MalformedInput, Text


class CrossSiteRequest(Forbidden):
    """Another site made the browser send this form."""

    kind = "cross_site_request"
    text = Text(
        "別のサイトから送られた操作なので、受け付けませんでした。何も変わっていません。この画面から、もう一度始めてください。",
        "This came from another site, so it was not accepted. Nothing has changed. Please start again from here.",
    )


class UnreadableForm(MalformedInput):
    """The body is not the form that a browser sends."""

    kind = "unreadable_form"
    text = Text(
        "送られた内容を読み取れませんでした。何も保存していません。前の画面から、もう一度送ってください。",
        "We could not read the form. Nothing was saved. Go back and send it again.",
    )
