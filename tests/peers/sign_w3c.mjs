// Signs W3C credentials and presentations with @digitalbazaar/vc; nothing is fetched.
//
// stdin:  {"contexts": {url: context}, "didDocuments": {}, "cases": [{"document": …, "suite": cryptosuite, "method": URL, "date": "…",
//          "challenge"?: "…", "domain"?: "…"}]}
// stdout: [{"document": signed, "publicKey": Multikey}], in the order of the cases. A challenge makes it a presentation.
import {readFileSync} from 'node:fs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';
import {cryptosuite as ecdsa} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import {cryptosuite as eddsa} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';

const {contexts, cases} = JSON.parse(readFileSync(0, 'utf8'));
const SUITES = {
  'ecdsa-rdfc-2019': {cryptosuite: ecdsa, generate: options => Ecdsa.generate({...options, curve: 'P-256'})},
  'eddsa-rdfc-2022': {cryptosuite: eddsa, generate: options => Ed25519.generate(options)}
};

async function documentLoader(url) {
  if(!(url in contexts)) {
    throw new Error(`not among the documents that were given: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: contexts[url], tag: 'static'};
}

const results = [];
for(const {document, suite: name, method, date, challenge, domain} of cases) {
  const {cryptosuite, generate} = SUITES[name];
  const key = await generate({id: method, controller: method.split('#')[0]});
  const suite = new DataIntegrityProof({signer: key.signer(), date, cryptosuite});
  const signed = challenge === undefined ?
    await vc.issue({credential: document, suite, documentLoader}) :
    await vc.signPresentation({presentation: document, suite, documentLoader, challenge, domain});
  const {publicKeyMultibase} = await key.export({publicKey: true});
  results.push({document: signed, publicKey: publicKeyMultibase});
}
process.stdout.write(JSON.stringify(results));
