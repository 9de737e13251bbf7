"""Other forms of the same document, for those who read no Japanese type: Open Badges 3.0, CLR 2.0, the European model.

source       what a form is made from: a document's claims, whose they are and who vouches for them
open_badge   a diploma, a certificate, a course, an achievement as an OpenBadgeCredential
clr          a transcript as a ClrCredential: signed courses inside a signed whole
elm          an export for study abroad: European Learning Model v3, unsigned
forms        which documents can be had as which form, and how a form is known
checking     our own schemas of what is made here

Pure: nothing is signed here. A form says no more than its document, and whoever gives it away gives all of it away: none of
these forms lets its holder hide a part.
"""
