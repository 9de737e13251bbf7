"""BBS signatures (draft-irtf-cfrg-bbs-signatures): sign many messages at once, prove some of them, unlinkably.

ciphersuite   the two suites over BLS12-381, and hashing to scalars and to G1 (RFC 9380)
generators    the points that messages are bound to, made once and kept
octets        points, scalars, signatures, proofs and keys from octets and to them, every check of the draft
core          CoreSign, CoreVerify, CoreProofGen, CoreProofVerify and their subroutines
interface     KeyGen, SkToPk, Sign, Verify, ProofGen, ProofVerify: what others call

Functions have the names of the draft. The suite and the randomness are arguments. The curve itself is a library's
(`py_arkworks_bls12381`), which is not constant-time; `core` says what is done about that. Nothing outside this room
knows it. Not for blind signatures, pseudonyms or holder binding, which are other drafts.
"""
