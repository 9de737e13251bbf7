// Measures @digitalbazaar/vc with eddsa-rdfc-2022: processor seconds of one signature and of one verification of a document.
//
// stdin:  {"contexts": {url: context}, "didDocuments": {did: document}, "now": "…", "seconds": how long to measure each,
//          "unsigned": …, "signed": …}
// stdout: {"issue": seconds, "verify": seconds}
import {readFileSync} from 'node:fs';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519 from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {measure} from './measuring.mjs';

const {contexts, didDocuments, now, seconds, unsigned, signed} = JSON.parse(readFileSync(0, 'utf8'));

function load(url) {
  if(url in contexts) {
    return contexts[url];
  }
  const [did, fragment] = url.split('#');
  const document = didDocuments[did];
  const found = fragment === undefined ? document : document?.verificationMethod.find(({id}) => id === url);
  if(!found) {
    throw new Error(`not among the documents that were given: ${url}`);
  }
  return fragment === undefined ? found : {'@context': 'https://w3id.org/security/multikey/v1', ...found};
}

const documentLoader = async url => ({contextUrl: null, documentUrl: url, document: load(url), tag: 'static'});
const key = await Ed25519.generate({id: `${Object.keys(didDocuments)[0]}#key`});

async function issue() {
  const suite = new DataIntegrityProof({signer: key.signer(), date: now, cryptosuite});
  await vc.issue({credential: structuredClone(unsigned), suite, documentLoader});
}

async function verify() {
  const suite = new DataIntegrityProof({cryptosuite});
  const checkStatus = async () => ({verified: true});
  const result = await vc.verifyCredential({
    credential: signed, suite, documentLoader, now: new Date(now), checkStatus
  });
  if(!result.verified) {
    throw result.error;
  }
}

process.stdout.write(JSON.stringify({issue: await measure(issue, seconds), verify: await measure(verify, seconds)}));
