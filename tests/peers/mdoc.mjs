// Issues, presents and verifies ISO mobile documents with @owf/mdoc; cryptography is Node's own, nothing is fetched.
//
// stdin:  {"cases": [
//          {"do": "verify-issued", "data": base64url, "trusted": [base64url of DER], "now": "…"},
//          {"do": "verify-response", "data": …, "trusted": …, "now": …, "session": {clientId, nonce, responseUri, jwkThumbprint?}},
//          {"do": "issue", "doctype": …, "namespaces": {name: {element: value}}, "signed"/"validFrom"/"validUntil": "…",
//           "signingKey": JWK, "deviceKey": JWK, "certificates": [base64url]},
//          {"do": "present", "data": …, "doctype": …, "elements": {namespace: [element]}, "deviceKey": JWK, "session": …},
//          {"do": "transcript", "session": …}]}
// stdout: for each case {"verified": …, "error": …}, or {"data": base64url}.
import {readFileSync} from 'node:fs';
import {Mdoc, bytes, context, issue, text} from './mobile/issuing.mjs';

const {cases} = JSON.parse(readFileSync(0, 'utf8'));

function transcript({jwkThumbprint, ...session}) {
  const options = jwkThumbprint ? {...session, jwkThumbprint: bytes(jwkThumbprint)} : session;
  return Mdoc.SessionTranscript.forOid4Vp(options, context);
}

async function present({data, doctype, elements, deviceKey, session}) {
  const namespaces = Object.fromEntries(Object.entries(elements).map(
    ([name, list]) => [name, Object.fromEntries(list.map(element => [element, false]))]
  ));
  const itemsRequest = Mdoc.ItemsRequest.create({docType: doctype, namespaces});
  const response = await Mdoc.Holder.createDeviceResponseForDeviceRequest({
    deviceRequest: Mdoc.DeviceRequest.create({docRequests: [Mdoc.DocRequest.create({itemsRequest})]}),
    sessionTranscript: await transcript(session),
    issuerSigned: [Mdoc.IssuerSigned.decode(bytes(data))],
    signature: {signingKey: Mdoc.CoseKey.fromJwk(deviceKey)}
  }, context);
  return response.encode();
}

const DO = {
  'verify-issued': ({data, trusted, now}) => Mdoc.Holder.verifyIssuerSigned(
    {issuerSigned: bytes(data), trustedCertificates: trusted.map(bytes), now: new Date(now)}, context
  ),
  'verify-response': async ({data, trusted, now, session}) => Mdoc.Verifier.verifyDeviceResponse({
    deviceResponse: bytes(data), trustedCertificates: trusted.map(bytes), now: new Date(now),
    sessionTranscript: await transcript(session)
  }, context),
  issue,
  present,
  transcript: async ({session}) => (await transcript(session)).encode()
};

const results = [];
for(const wanted of cases) {
  try {
    const data = await DO[wanted.do](wanted);
    results.push(data ? {data: text(data)} : {verified: true, error: ''});
  } catch(error) {
    results.push({verified: false, error: String(error.message)});
  }
}
process.stdout.write(JSON.stringify(results));
