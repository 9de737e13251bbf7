"""Whether a signed credential still stands: one array of entries, published in two renderings.

entries                  two bits for each credential ever signed: valid, invalid, suspended
permutation              where in the array the n-th credential stands, so that neighbours say nothing
token_status_list        the array as a Token Status List (SD-JWT VC): build, sign, verify, look up
bitstring_status_list    the same array as two Bitstring Status Lists (W3C): revocation and suspension
values                   any other list of one value an entry, of 1 to 8 bits
bitstring_entry          the `credentialStatus` of a W3C credential, read and written
errors                   why a status could not be read

Nothing here fetches a list, stores an array or decides who may revoke; who signs is passed in.
"""
