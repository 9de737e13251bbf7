// Signs, derives and verifies with the selective suites of Digital Bazaar; nothing is fetched.
//
// stdin:  {"contexts": {url: context}, "didDocuments": {did: document}, "now": "…", "cases": [
//          {"do": "verify", "document": …},
//          {"do": "derive", "document": …, "pointers": [JSON Pointers]},
//          {"do": "sign", "suite": "ecdsa-sd-2023" or "bbs-2023", "document": …, "pointers": […], "method": URL}]}
// stdout: for each case {"verified": …, "error": …}, or {"document": …, "publicKey": Multikey, if it was made here}.
import {readFileSync} from 'node:fs';
import * as Bls from '@digitalbazaar/bls12-381-multikey';
import * as Ecdsa from '@digitalbazaar/ecdsa-multikey';
import * as bbs from '@digitalbazaar/bbs-2023-cryptosuite';
import * as sd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';

const {contexts, didDocuments, now, cases} = JSON.parse(readFileSync(0, 'utf8'));
const SUITES = {'ecdsa-sd-2023': sd, 'bbs-2023': bbs};
const MULTIKEY = 'https://w3id.org/security/multikey/v1';

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
    return {'@context': MULTIKEY, ...method};
  }
  throw new Error(`not among the documents that were given: ${url}`);
}

async function documentLoader(url) {
  return {contextUrl: null, documentUrl: url, document: load(url), tag: 'static'};
}

function messages(error) {
  return error ? [error.message, ...(error.errors ?? []).map(messages)].join('; ') : '';
}

function generate(suite, id) {
  const controller = id.split('#')[0];
  return suite === 'bbs-2023' ?
    Bls.generateBbsKeyPair({id, controller, algorithm: Bls.ALGORITHMS.BBS_BLS12381_SHA256}) :
    Ecdsa.generate({id, controller, curve: 'P-256'});
}

async function sign({suite: name, document, pointers, method}) {
  const key = await generate(name, method);
  const cryptosuite = SUITES[name].createSignCryptosuite({mandatoryPointers: pointers});
  const suite = new DataIntegrityProof({signer: key.signer(), date: now, cryptosuite});
  const signed = await vc.issue({credential: document, suite, documentLoader});
  const {publicKeyMultibase} = await key.export({publicKey: true});
  return {document: signed, publicKey: publicKeyMultibase};
}

async function derive({document, pointers}) {
  const cryptosuite = SUITES[document.proof.cryptosuite].createDiscloseCryptosuite({selectivePointers: pointers});
  const suite = new DataIntegrityProof({cryptosuite});
  return {document: await vc.derive({verifiableCredential: document, suite, documentLoader})};
}

async function verify({document}) {
  const suite = Object.values(SUITES).map(
    made => new DataIntegrityProof({cryptosuite: made.createVerifyCryptosuite()}));
  const checkStatus = async () => ({verified: true});
  const result = await vc.verifyCredential(
    {credential: document, suite, documentLoader, checkStatus, now: new Date(now)});
  return {verified: result.verified, error: messages(result.error)};
}

const results = [];
for(const item of cases) {
  results.push(await {sign, derive, verify}[item.do](item));
}
process.stdout.write(JSON.stringify(results));
