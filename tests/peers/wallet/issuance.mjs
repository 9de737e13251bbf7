// OID4VCI 1.0 with @openid4vc/openid4vci: from the link of an offer to credentials for the wallet's keys.
import { Openid4vciClient } from "@openid4vc/openid4vci";
import { callbacks, check, didUrlOf, isSameKey, newKey, signWithAnotherKey } from "./keys.mjs";
import { verify } from "./sd_jwt.mjs";

/** How the library reads the metadata: its version, and which configurations fit the schema of their format. */
export async function metadata({ issuer }) {
  const found = await new Openid4vciClient({ callbacks }).resolveIssuerMetadata(issuer);
  return {
    version: found.originalDraftVersion,
    configurations: Object.keys(found.credentialIssuer.credential_configurations_supported),
    known: Object.keys(found.knownCredentialConfigurations),
    authorizationServers: found.authorizationServers,
  };
}

async function proofFor(client, { publicJwk }, { issuerMetadata, credentialConfigurationId, nonce, proof, spoil }) {
  if (spoil === "key") await signWithAnotherKey(publicJwk);
  const signer = proof === "did:jwk" ?
    { method: "did", alg: "ES256", didUrl: didUrlOf(publicJwk) } :
    { method: "jwk", alg: "ES256", publicJwk };
  const { credentialIssuer } = issuerMetadata;
  const audience = spoil === "audience" ? "https://issuer.example/s/other" : credentialIssuer.credential_issuer;
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata: { ...issuerMetadata, credentialIssuer: { ...credentialIssuer, credential_issuer: audience } },
    credentialConfigurationId,
    nonce: spoil === "nonce" ? "n".repeat(43) : nonce,
    signer,
  });
  return jwt;
}

/** Claims what is offered in a format; verifies each SD-JWT VC, and that it is for the key that was proven. */
export async function claim({ offer, txCode, format, keys: count = 1, proof = "jwk", spoil }) {
  const client = new Openid4vciClient({ callbacks });
  const credentialOffer = await client.resolveCredentialOffer(offer);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const known = issuerMetadata.knownCredentialConfigurations;
  const offered = credentialOffer.credential_configuration_ids;
  const credentialConfigurationId = offered.find((id) => known[id]?.format === format);
  const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
    credentialOffer, issuerMetadata, txCode,
  });
  const accessToken = accessTokenResponse.access_token;
  const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata });
  const keys = await Promise.all(Array.from({ length: count }, newKey));
  const how = { issuerMetadata, credentialConfigurationId, nonce, proof, spoil };
  const proofs = { jwt: await Promise.all(keys.map((key) => proofFor(client, key, how))) };
  const { credentialResponse } = await client.retrieveCredentials({
    issuerMetadata, credentialConfigurationId, accessToken, proofs,
  });
  const credentials = credentialResponse.credentials.map(({ credential }, n) => ({ credential, ...keys[n] }));
  for (const { credential, publicJwk } of format === "dc+sd-jwt" ? credentials : []) {
    const { claims } = await verify({ credential });
    check(await isSameKey(claims.cnf.jwk, publicJwk), "the credential is for another key");
  }
  await client.sendNotification({
    issuerMetadata, accessToken,
    notification: { notificationId: credentialResponse.notification_id, event: "credential_accepted" },
  });
  return { issuer: credentialOffer.credential_issuer, credentialConfigurationId, credentials };
}
