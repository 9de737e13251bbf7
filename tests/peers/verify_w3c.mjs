// Verifies W3C credentials and presentations with @digitalbazaar/vc; nothing is fetched.
//
// stdin:  {"contexts": {url: context}, "didDocuments": {did: document},
//          "cases": [{"document": …, "now": "…", "challenge"?: "…", "domain"?: "…"}]}
// stdout: [{"verified": true|false, "error": "…"}], in the order of the cases.
import {readFileSync} from 'node:fs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite as ecdsa} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';

const {contexts, didDocuments, cases} = JSON.parse(readFileSync(0, 'utf8'));
const DID_CONTEXT = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'];

function load(url) {
  if(url in contexts) {
    return contexts[url];
  }
  const [did, fragment] = url.split('#');
  const document = didDocuments[did];
  if(document && fragment === undefined) {
    return document;
  }
  const method = document?.verificationMethod.find(item => item.id === url);
  if(method) {
    return {'@context': DID_CONTEXT[1], ...method};
  }
  throw new Error(`not among the documents that were given: ${url}`);
}

async function documentLoader(url) {
  return {contextUrl: null, documentUrl: url, document: load(url), tag: 'static'};
}

function messages(error) {
  return error ? [error.message, ...(error.errors ?? []).map(messages)].join('; ') : '';
}

const results = [];
for(const {document, now, challenge, domain} of cases) {
  const suite = [ecdsa, eddsa].map(cryptosuite => new DataIntegrityProof({cryptosuite}));
  const options = {suite, documentLoader, now: new Date(now), checkStatus: async () => ({verified: true})};
  const result = challenge === undefined ?
    await vc.verifyCredential({...options, credential: document}) :
    await vc.verify({...options, presentation: document, challenge, domain});
  results.push({verified: result.verified, error: messages(result.error)});
}
process.stdout.write(JSON.stringify(results));
