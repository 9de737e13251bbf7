// Keys, certificates and fetching: what the protocol libraries leave to the wallet.
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { clientAuthenticationAnonymous } from "@openid4vc/oauth2";
import * as jose from "jose";

export const hash = (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest();
export const text64 = (value) => Buffer.from(value).toString("base64url");
export const json64 = (value) => JSON.parse(Buffer.from(value, "base64url"));
export const random64 = (length) => randomBytes(length).toString("base64url");

export function check(holds, message) {
  if (!holds) throw new Error(message);
}

// --- keys of the holder ---

const ownKeys = new Map();

export async function newKey() {
  const pair = await jose.generateKeyPair("ES256", { extractable: true });
  const publicJwk = await jose.exportJWK(pair.publicKey);
  ownKeys.set(await jose.calculateJwkThumbprint(publicJwk), pair.privateKey);
  return { publicJwk, privateJwk: await jose.exportJWK(pair.privateKey) };
}

/** From now on what is signed in the name of a key is signed with another one. */
export async function signWithAnotherKey(publicJwk) {
  const { privateKey } = await jose.generateKeyPair("ES256");
  ownKeys.set(await jose.calculateJwkThumbprint(publicJwk), privateKey);
}

export const didUrlOf = (publicJwk) => `did:jwk:${text64(JSON.stringify(publicJwk))}#0`;

function jwkOfSigner(signer) {
  if (signer.method === "jwk") return signer.publicJwk;
  check(signer.method === "did", `no key for a signer by ${signer.method}`);
  return json64(signer.didUrl.split("#")[0].slice("did:jwk:".length));
}

// --- certificates ---

let anchors = [];
export function trust(pem) {
  anchors = (pem.match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one));
}

const namesOf = (certificate, kind) => (certificate.subjectAltName ?? "").split(", ")
  .filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));

/** The leaf of a chain that ends at a pinned anchor, which is not in it itself (HAIP 1.0 §5, §6.1.1). */
export function leafOf(x5c) {
  check(Array.isArray(x5c) && x5c.length > 0, "there is no x5c");
  const chain = x5c.map((der) => new X509Certificate(Buffer.from(der, "base64")));
  const now = new Date();
  const isIssued = (one, by) => one.checkIssued(by) && one.verify(by.publicKey) && by.ca;
  chain.forEach((one, n) => {
    check(one.issuer !== one.subject, "x5c holds a self-signed certificate");
    check(new Date(one.validFrom) <= now && now <= new Date(one.validTo), "a certificate is not valid now");
    const issuers = n + 1 < chain.length ? [chain[n + 1]] : anchors;
    check(issuers.some((issuer) => isIssued(one, issuer)), "x5c does not lead to the pinned anchor");
  });
  return chain[0];
}

export const uriNames = (certificate) => namesOf(certificate, "URI");

export const isSameKey = async (one, other) =>
  (await jose.calculateJwkThumbprint(one)) === (await jose.calculateJwkThumbprint(other));

export async function holds(compact, key) {
  try {
    await jose.compactVerify(compact, key);
    return true;
  } catch {
    return false;
  }
}

// --- what the libraries call ---

export const callbacks = {
  fetch: (url, options) => fetch(url, options),
  hash,
  generateRandom: (length) => randomBytes(length),
  clientAuthentication: clientAuthenticationAnonymous(),
  signJwt: async (signer, { header, payload }) => {
    const signerJwk = jwkOfSigner(signer);
    const key = ownKeys.get(await jose.calculateJwkThumbprint(signerJwk));
    return { jwt: await new jose.SignJWT(payload).setProtectedHeader(header).sign(key), signerJwk };
  },
  verifyJwt: async (signer, { compact }) => {
    if (signer.method !== "x5c") return { verified: false };
    const { publicKey } = leafOf(signer.x5c);
    return { verified: await holds(compact, publicKey), signerJwk: await jose.exportJWK(publicKey) };
  },
  decryptJwe: async () => ({ decrypted: false }),
  encryptJwe: async (encryptor, data) => {
    const header = { alg: encryptor.alg, enc: encryptor.enc, kid: encryptor.publicJwk.kid };
    const key = await jose.importJWK(encryptor.publicJwk, encryptor.alg);
    const [apu, apv] = [encryptor.apu, encryptor.apv].map((value) => Buffer.from(value ?? "", "base64url"));
    const jwe = await new jose.CompactEncrypt(Buffer.from(data)).setProtectedHeader(header)
      .setKeyManagementParameters({ apu, apv }).encrypt(key);
    return { encryptionJwk: encryptor.publicJwk, jwe };
  },
  getX509CertificateMetadata: (der) => {
    const certificate = new X509Certificate(Buffer.from(der, "base64"));
    return { sanDnsNames: namesOf(certificate, "DNS"), sanUriNames: namesOf(certificate, "URI") };
  },
};

// --- fetching ---

export async function get(url, mediaType) {
  const answer = await fetch(url, { headers: { Accept: mediaType }, redirect: "error" });
  check(answer.ok, `${url} answers ${answer.status}`);
  check(answer.headers.get("content-type")?.split(";")[0] === mediaType, `${url} is not ${mediaType}`);
  return answer;
}

/** The well-known string stands between host and path (OID4VCI 1.0 §12.2.2, SD-JWT VC §4.1). */
export function wellKnown(identifier, name) {
  const { origin, pathname } = new URL(identifier);
  return `${origin}/.well-known/${name}${pathname.replace(/\/$/, "")}`;
}
