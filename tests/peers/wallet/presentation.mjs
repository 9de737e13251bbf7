// OID4VP 1.0 with @openid4vc/openid4vp and dcql: from the link of a request to the verifier's answer.
import { Openid4vpClient } from "@openid4vc/openid4vp";
import { DcqlQuery } from "dcql";
import * as jose from "jose";
import { callbacks, check, newKey, random64 } from "./keys.mjs";
import * as sdJwt from "./sd_jwt.mjs";

/**
 * Fetches the Request Object by POST with a wallet_nonce, which the library leaves out; hands it over by value.
 * `encrypted`: the wallet gives a key, and the Request Object comes encrypted to it (§5.10).
 */
async function fetchByPost({ client_id, request_uri }, isEncrypted) {
  const form = new URLSearchParams({ wallet_nonce: random64(32) });
  const pair = await jose.generateKeyPair("ECDH-ES", { extractable: true });
  if (isEncrypted) {
    const key = { ...(await jose.exportJWK(pair.publicKey)), kid: "wallet-1", alg: "ECDH-ES", use: "enc" };
    form.set("wallet_metadata", JSON.stringify({
      vp_formats_supported: { "dc+sd-jwt": {} },
      jwks: { keys: [key] },
      request_object_encryption_alg_values_supported: ["ECDH-ES"],
      request_object_encryption_enc_values_supported: ["A256GCM"],
    }));
  }
  const answer = await fetch(request_uri, { method: "POST", body: form, redirect: "error" });
  check(answer.headers.get("content-type") === "application/oauth-authz-req+jwt", "not a Request Object");
  const request = await answer.text();
  check((request.split(".").length === 5) === isEncrypted, "encrypted or not, against what was said");
  const wallet = { expectedNonce: form.get("wallet_nonce") };
  if (!isEncrypted) return { payload: { client_id, request }, wallet };
  const { plaintext } = await jose.compactDecrypt(request, pair.privateKey);
  return { payload: { client_id, request: Buffer.from(plaintext).toString() }, wallet };
}

async function resolve(client, link, fetchBy) {
  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link });
  const { request_uri_method: method, ...byGet } = params;
  check(method === "post", "the link does not offer POST");
  const isEncrypted = fetchBy === "encrypted post";
  const { payload, wallet } = fetchBy === "get" ? { payload: byGet } : await fetchByPost(params, isEncrypted);
  return client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: payload, wallet });
}

/** What the wallet holds answers the query how? Ids of the query with the index of a credential and the paths asked. */
async function choose(query, credentials) {
  const parsed = DcqlQuery.parse(query);
  DcqlQuery.validate(parsed);
  const held = await Promise.all(credentials.map(async ({ credential }) => {
    const claims = await sdJwt.claimsOf(credential);
    return { credential_format: "dc+sd-jwt", vct: claims.vct, claims, cryptographic_holder_binding: true };
  }));
  const result = DcqlQuery.query(parsed, held);
  check(result.can_be_satisfied, "the wallet does not hold what is asked for");
  return Object.entries(result.credential_matches).filter(([, match]) => match.success).map(([id, match]) => {
    const [found] = match.valid_credentials;
    const wanted = found.claims.valid_claim_sets?.[0].valid_claim_indexes ?? [];
    const asked = parsed.credentials.find((item) => item.id === id).claims ?? [];
    return { id, index: found.input_credential_index, paths: wanted.map((n) => asked[n].path) };
  });
}

async function presentationOf({ credential, privateJwk }, paths, payload, spoil) {
  const binding = {
    iat: Math.floor(Date.now() / 1000) - (spoil === "time" ? 86_400 : 0),
    aud: spoil === "audience" ? "x509_hash:somebody-else" : payload.client_id,
    nonce: spoil === "nonce" ? "n".repeat(43) : payload.nonce,
  };
  const key = spoil === "key" ? (await newKey()).privateJwk : privateJwk;
  const presentation = await sdJwt.present(credential, paths, binding, key);
  if (spoil === "disclosure") return sdJwt.forge(presentation, binding, key);
  if (spoil === "omission") return presentation.split("~").filter((_, n) => n !== 1).join("~");
  return presentation;
}

const ENCRYPTION = {
  authorization_signing_alg_values_supported: [],
  authorization_encryption_alg_values_supported: ["ECDH-ES"],
  authorization_encryption_enc_values_supported: ["A128GCM", "A256GCM"],
};

/** Answers a request with what is held. */
export async function present({ request, credentials, fetchBy = "post", spoil, repeat = false }) {
  const client = new Openid4vpClient({ callbacks });
  const resolved = await resolve(client, request, fetchBy);
  const { authorizationRequestPayload, jar } = resolved;
  const chosen = await choose(resolved.dcql.query, credentials);
  const vpToken = {};
  for (const { id, index, paths } of chosen) {
    vpToken[id] = [await presentationOf(credentials[index], paths, authorizationRequestPayload, spoil)];
  }
  // Sent in the clear although encryption was asked for, if that is what shall be spoilt.
  const inTheClear = spoil === "encryption" && { response_mode: "direct_post" };
  const payload = { ...authorizationRequestPayload, ...inTheClear };
  const made = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: payload,
    authorizationResponsePayload: { vp_token: vpToken },
    jarm: inTheClear ? undefined : { encryption: { nonce: random64(16) }, serverMetadata: ENCRYPTION },
  });
  const send = () => client.submitOpenid4vpAuthorizationResponse({ authorizationRequestPayload: payload, ...made });
  const sent = await send();
  return {
    clientId: authorizationRequestPayload.client_id,
    prefix: resolved.client.prefix,
    version: resolved.version,
    typ: jar.jwt.header.typ,
    walletNonce: authorizationRequestPayload.wallet_nonce,
    responseMode: sent.responseMode,
    status: sent.response.status,
    answer: await sent.response.json(),
    again: repeat ? (await send()).response.status : undefined,
    shown: Object.fromEntries(chosen.map(({ id, paths }) => [id, paths])),
  };
}
