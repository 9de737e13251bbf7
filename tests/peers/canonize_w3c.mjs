// Canonicalizes with jsonld and rdf-canonize, as the cryptosuites of Digital Bazaar do; nothing is fetched.
//
// stdin:  {"contexts": {url: context}, "documents": [JSON-LD …], "datasets": ["N-Quads" …]}
// stdout: {"documents": ["canonical N-Quads" or null if refused …], "datasets": […]}
import {readFileSync} from 'node:fs';
import jsonld from 'jsonld';
import rdfCanonize from 'rdf-canonize';

const {contexts, documents, datasets} = JSON.parse(readFileSync(0, 'utf8'));

async function documentLoader(url) {
  if(!(url in contexts)) {
    throw new Error(`not among the contexts that were given: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: contexts[url], tag: 'static'};
}

async function orNull(making) {
  try {
    return await making();
  } catch {
    return null;
  }
}

const found = {documents: [], datasets: []};
for(const document of documents) {
  found.documents.push(await orNull(() => jsonld.canonize(document, {
    algorithm: 'RDFC-1.0', format: 'application/n-quads', base: null, safe: true,
    rdfDirection: 'i18n-datatype', produceGeneralizedRdf: false, documentLoader
  })));
}
for(const dataset of datasets) {
  found.datasets.push(await orNull(() => rdfCanonize.canonize(dataset, {
    algorithm: 'RDFC-1.0', inputFormat: 'application/n-quads', format: 'application/n-quads',
    maxWorkFactor: 3
  })));
}
process.stdout.write(JSON.stringify(found));
