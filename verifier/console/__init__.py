"""The verifier's pages: what admissions staff work with, and the public pages that somebody who is asked opens.

office    what a page has at hand, and who may open it: every route says its roles there
seat      for which organisation somebody acts, and the frame around their pages
store     what lists of requests read; everything else goes through the rooms' own use cases
outline   what a request asks for and what it leaves out, in the catalogue's words
views     claims and reports in words
"""
