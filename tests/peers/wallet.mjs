// A wallet made of other people's libraries: @openid4vc for the protocols, @sd-jwt for the format, dcql for the query,
// jose for keys. One command as JSON on standard input, one answer as JSON on standard output; an error is an answer.
//
//   {"do": "claim", "offer": link, "txCode": "…", "format": "dc+sd-jwt", "keys": 1, "proof": "jwk" | "did:jwk"}
//   {"do": "present", "request": link, "credentials": [{"credential": …, "privateJwk": …}], "spoil": "nonce" | …}
//   {"do": "verify", "credential": …, "issuerJwk": …, "statusJwk": …, "typesAt": origin that serves /vct/<name>/1}
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { clientAuthenticationAnonymous } from "@openid4vc/oauth2";
import { Openid4vciClient, setGlobalConfig } from "@openid4vc/openid4vci";
import { Openid4vpClient } from "@openid4vc/openid4vp";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { DcqlQuery } from "dcql";
import * as jose from "jose";

// The servers of the tests are on this machine, without TLS.
setGlobalConfig({ allowInsecureUrls: true });

const hash = (data, algorithm) => createHash(algorithm.replace("-", "")).update(data).digest();
const text64 = (value) => Buffer.from(value).toString("base64url");

const keys = new Map();
const newKey = async () => {
  const pair = await jose.generateKeyPair("ES256", { extractable: true });
  const publicJwk = await jose.exportJWK(pair.publicKey);
  const privateJwk = await jose.exportJWK(pair.privateKey);
  keys.set(await jose.calculateJwkThumbprint(publicJwk), pair.privateKey);
  return { publicJwk, privateJwk };
};

const jwkOfSigner = (signer) => {
  if (signer.method === "jwk") return signer.publicJwk;
  if (signer.method === "did") return JSON.parse(Buffer.from(signer.didUrl.split("#")[0].slice("did:jwk:".length), "base64url"));
  throw new Error(`no key for a signer by ${signer.method}`);
};

const callbacks = {
  fetch: (url, options) => fetch(url, options),
  hash,
  generateRandom: (length) => randomBytes(length),
  clientAuthentication: clientAuthenticationAnonymous(),
  signJwt: async (signer, { header, payload }) => {
    const signerJwk = jwkOfSigner(signer);
    const key = keys.get(await jose.calculateJwkThumbprint(signerJwk));
    return { jwt: await new jose.SignJWT(payload).setProtectedHeader(header).sign(key), signerJwk };
  },
  verifyJwt: async (signer, { compact }) => {
    if (signer.method !== "x5c") return { verified: false };
    const key = new X509Certificate(Buffer.from(signer.x5c[0], "base64")).publicKey;
    try {
      await jose.compactVerify(compact, key);
      return { verified: true, signerJwk: await jose.exportJWK(key) };
    } catch {
      return { verified: false };
    }
  },
  decryptJwe: async () => ({ decrypted: false }),
  encryptJwe: async (encryptor, data) => {
    const header = { alg: encryptor.alg, enc: encryptor.enc, kid: encryptor.publicJwk.kid };
    const key = await jose.importJWK(encryptor.publicJwk, encryptor.alg);
    const jwe = await new jose.CompactEncrypt(new TextEncoder().encode(data)).setProtectedHeader(header).encrypt(key);
    return { encryptionJwk: encryptor.publicJwk, jwe };
  },
  getX509CertificateMetadata: (certificate) => {
    const names = (new X509Certificate(Buffer.from(certificate, "base64")).subjectAltName ?? "").split(", ");
    const of = (kind) => names.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1));
    return { sanDnsNames: of("DNS"), sanUriNames: of("URI") };
  },
};

// --- OID4VCI ---

const claim = async ({ offer, txCode, format, keys: count = 1, proof = "jwk" }) => {
  const client = new Openid4vciClient({ callbacks });
  const credentialOffer = await client.resolveCredentialOffer(offer);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const supported = issuerMetadata.credentialIssuer.credential_configurations_supported;
  const credentialConfigurationId = credentialOffer.credential_configuration_ids.find((id) => supported[id].format === format);
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode });
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const made = await Promise.all(Array.from({ length: count }, newKey));
  const proofs = await Promise.all(made.map(async ({ publicJwk }) => {
    const didUrl = `did:jwk:${text64(JSON.stringify(publicJwk))}#0`;
    const signer = proof === "jwk" ? { method: "jwk", alg: "ES256", publicJwk } : { method: "did", alg: "ES256", didUrl };
    return (await client.createCredentialRequestJwtProof({ issuerMetadata, credentialConfigurationId, nonce, signer })).jwt;
  }));
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata, credentialConfigurationId, accessToken: accessTokenResponse.access_token, proofs: { jwt: proofs },
  });
  const notification = { notificationId: credentialResponse.notification_id, event: "credential_accepted" };
  await client.sendNotification({ issuerMetadata, notification, accessToken: accessTokenResponse.access_token });
  return {
    issuer: credentialOffer.credential_issuer,
    credentialConfigurationId,
    credentials: credentialResponse.credentials.map(({ credential }, n) => ({ credential, privateJwk: made[n].privateJwk })),
  };
};

// --- SD-JWT VC ---

const instance = async ({ issuerJwk, statusJwk, typesAt, privateJwk }) => {
  const verifyWith = async (jwk, data, signature) => {
    const [header] = data.split(".");
    try {
      await jose.compactVerify(`${data}.${signature}`, await jose.importJWK(jwk, JSON.parse(Buffer.from(header, "base64url")).alg));
      return true;
    } catch {
      return false;
    }
  };
  return new SDJwtVcInstance({
    hasher: (data, algorithm) => hash(typeof data === "string" ? data : Buffer.from(data), algorithm),
    hashAlg: "sha-256",
    saltGenerator: () => randomBytes(16).toString("base64url"),
    verifier: issuerJwk && ((data, signature) => verifyWith(issuerJwk, data, signature)),
    kbSigner: privateJwk && (async (data) => {
      const [header, payload] = data.split(".");
      const { alg } = JSON.parse(Buffer.from(header, "base64url"));
      const key = await jose.importJWK(privateJwk, alg);
      const jws = await new jose.CompactSign(Buffer.from(payload, "base64url")).setProtectedHeader(JSON.parse(Buffer.from(header, "base64url"))).sign(key);
      return jws.split(".")[2];
    }),
    kbSignAlg: "ES256",
    statusVerifier: statusJwk && ((data, signature) => verifyWith(statusJwk, data, signature)),
    statusListFetcher: async (uri) => (await fetch(uri, { headers: { Accept: "application/statuslist+jwt" } })).text(),
    // Types have names of the ecosystem; the issuer serves the same bytes at its own address.
    vctFetcher: typesAt && (async (uri) => (await fetch(typesAt + new URL(uri).pathname.replace("/tegata", ""))).json()),
    loadTypeMetadataFormat: Boolean(typesAt),
  });
};

const claimsOf = async (credential) => (await instance({})).getClaims(credential);

const verify = async ({ credential, ...keysAndTypes }) => {
  const sdjwt = await instance(keysAndTypes);
  const held = await sdjwt.verify(credential);
  return {
    header: held.header,
    claims: held.payload,
    keys: await sdjwt.presentableKeys(credential),
    type: held.typeMetadata?.mergedTypeMetadata ?? held.typeMetadata,
  };
};

const frameOf = (paths) => {
  const frame = {};
  for (const path of paths) {
    let node = frame;
    path.forEach((part, n) => { node = node[part] ??= n === path.length - 1 ? true : {}; });
  }
  return frame;
};

// --- OID4VP ---

const present = async ({ request, credentials, spoil }) => {
  const client = new Openid4vpClient({ callbacks });
  const parsed = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: request });
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: parsed.params,
    wallet: { nonce: randomBytes(16).toString("base64url") },
  });
  const payload = resolved.authorizationRequestPayload;
  const query = DcqlQuery.parse(resolved.dcql.query);
  DcqlQuery.validate(query);
  const held = await Promise.all(credentials.map(async ({ credential }) => {
    const claims = await claimsOf(credential);
    return { credential_format: "dc+sd-jwt", vct: claims.vct, claims, cryptographic_holder_binding: true };
  }));
  const result = DcqlQuery.query(query, held);
  const vpToken = {};
  const shown = {};
  for (const [id, match] of Object.entries(result.credential_matches)) {
    if (!match.success) continue;
    const found = match.valid_credentials[0];
    const { credential, privateJwk } = credentials[found.input_credential_index];
    const asked = query.credentials.find((item) => item.id === id);
    const wanted = found.claims.valid_claim_sets?.[0].valid_claim_indexes ?? [];
    const paths = (asked.claims ?? []).filter((_, n) => wanted.includes(n)).map((item) => item.path);
    const sdjwt = await instance({ privateJwk });
    const kb = {
      iat: Math.floor(Date.now() / 1000),
      aud: spoil === "audience" ? "x509_hash:somebody-else" : payload.client_id,
      nonce: spoil === "nonce" ? "n".repeat(43) : payload.nonce,
    };
    let presentation = await sdjwt.present(credential, frameOf(paths), { kb: { payload: kb } });
    if (spoil === "disclosure") presentation = presentation.split("~").filter((_, n) => n !== 1).join("~");
    vpToken[id] = [presentation];
    shown[id] = paths;
  }
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload,
    authorizationResponsePayload: { vp_token: vpToken },
    jarm: payload.response_mode === "direct_post.jwt"
      ? { encryption: { nonce: randomBytes(16).toString("base64url") }, serverMetadata: {
          authorization_signing_alg_values_supported: [], authorization_encryption_alg_values_supported: ["ECDH-ES"],
          authorization_encryption_enc_values_supported: ["A128GCM", "A256GCM"] } }
      : undefined,
  });
  const sent = await client.submitOpenid4vpAuthorizationResponse({ authorizationRequestPayload: payload, ...response });
  return {
    clientId: payload.client_id,
    prefix: resolved.client.prefix,
    responseMode: sent.responseMode,
    status: sent.response.status,
    answer: await sent.response.json().catch(() => null),
    isSatisfied: result.can_be_satisfied,
    shown,
  };
};

const commands = { claim, present, verify };
const command = JSON.parse(readFileSync(0, "utf8"));
const answer = await commands[command.do](command).catch((error) => ({
  error: String(error.message ?? error), cause: error.cause && String(error.cause.message ?? error.cause),
  response: error.response?.credentialErrorResponseResult?.data ?? error.errorResponse,
}));
console.log(JSON.stringify(answer));
