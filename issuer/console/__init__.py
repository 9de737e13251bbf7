"""The issuer's pages: what school staff work with, and the public pages that families and receivers open.

office    what a page has at hand, and who may open it: every route says its roles there
seat      in which school somebody acts, and the frame around their pages
store     what pages read across rooms; they write through the rooms' own use cases
views     claims in words and in the order of a paper
"""
