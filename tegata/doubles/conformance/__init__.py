"""A VC-API for the W3C's test suites to point at: it signs whatever it is given, for anybody who asks.

instances   who signs: one issuer for each cryptosuite and key, each a did:key of its own
issuing     free credentials, with a proof or in an envelope
checking    credentials and presentations of any form, by the keys that they name
app         the routes: 201 on issue, 200 on verify, 400 with JSON on every failure
command     `tegata conformance`: over https on the loopback, with a certificate of its own, and nowhere else

Nothing here is a service: no school, no approval, no record, no trust list. In the services a credential is a recorded document
under an approval, and a key that is not its issuer's is an error; here that is a warning.
"""
