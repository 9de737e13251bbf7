// SD-JWT VCs with @sd-jwt: the issuer's key by both ways of the standard, status, type metadata, presentations.
import { SDJwtVcInstance, TypeMetadataFormatSchema } from "@sd-jwt/sd-jwt-vc";
import * as jose from "jose";
import { check, get, hash, holds, isSameKey, json64, leafOf, random64, uriNames, wellKnown } from "./keys.mjs";

const headerOf = (jws) => json64(jws.split(".")[0]);
const payloadOf = (jws) => json64(jws.split(".")[1]);

/** The issuer's key by its metadata; the certificate in the header has to be of the same key and the same issuer. */
export async function keyOfIssuer(issuer, { kid, x5c }) {
  const metadata = await (await get(wellKnown(issuer, "jwt-vc-issuer"), "application/json")).json();
  check(metadata.issuer === issuer, "the metadata are another issuer's");
  const jwk = metadata.jwks.keys.find((key) => key.kid === kid);
  check(jwk, "the issuer does not publish the key");
  const leaf = leafOf(x5c);
  check(uriNames(leaf).includes(issuer), "the certificate names another issuer");
  check(await isSameKey(jwk, await jose.exportJWK(leaf.publicKey)), "certificate and metadata differ");
  return jwk;
}

const verifier = (jwk) => async (data, signature) =>
  holds(`${data}.${signature}`, await jose.importJWK(jwk, headerOf(data).alg));

const common = {
  hasher: (data, algorithm) => hash(typeof data === "string" ? data : Buffer.from(data), algorithm),
  hashAlg: "sha-256",
  saltGenerator: () => random64(16),
};

/** Types have names of the ecosystem; the issuer serves the same bytes at its own address. */
const typeFrom = (origin) => async (vct, integrity) => {
  const answer = await get(origin + new URL(vct).pathname.replace("/tegata", ""), "application/json");
  const content = Buffer.from(await answer.arrayBuffer());
  check(integrity === `sha256-${hash(content, "sha-256").toString("base64")}`, "the type metadata were altered");
  return JSON.parse(content);
};

/** Verifies issuer, disclosures, status and type; `issuerJwk` stands in for the key that the issuer publishes. */
export async function verify({ credential, issuerJwk, typesAt }) {
  const [jws] = credential.split("~");
  const { iss, status } = payloadOf(jws);
  const list = await (await get(status.status_list.uri, "application/statuslist+jwt")).text();
  const instance = new SDJwtVcInstance({
    ...common,
    verifier: verifier(issuerJwk ?? (await keyOfIssuer(iss, headerOf(jws)))),
    statusListFetcher: async () => list,
    statusVerifier: verifier(await keyOfIssuer(iss, headerOf(list))),
    vctFetcher: typesAt && typeFrom(typesAt),
    loadTypeMetadataFormat: Boolean(typesAt),
  });
  const found = await instance.verify(credential);
  return {
    header: found.header,
    claims: found.payload,
    keys: await instance.presentableKeys(credential),
    type: found.typeMetadata?.mergedTypeMetadata,
  };
}

/** What the library finds wrong with type metadata, by address. */
export async function types({ urls }) {
  const judged = await Promise.all(urls.map(async (url) => {
    const { success, error } = TypeMetadataFormatSchema.safeParse(await (await get(url, "application/json")).json());
    return [url, success ? null : error.message];
  }));
  return Object.fromEntries(judged);
}

export const claimsOf = (credential) => new SDJwtVcInstance(common).getClaims(credential);

const sign = async (header, payload, privateJwk) =>
  new jose.CompactSign(payload).setProtectedHeader(header).sign(await jose.importJWK(privateJwk, header.alg));

function frameOf(paths) {
  const frame = {};
  for (const path of paths) {
    path.reduce((node, part, n) => (node[part] ??= n === path.length - 1 ? true : {}), frame);
  }
  return frame;
}

/** A presentation that discloses the paths and nothing else, with a key binding JWT. */
export function present(credential, paths, binding, privateJwk) {
  const instance = new SDJwtVcInstance({
    ...common,
    kbSignAlg: "ES256",
    kbSigner: async (data) => {
      const [header, payload] = data.split(".");
      return (await sign(json64(header), Buffer.from(payload, "base64url"), privateJwk)).split(".")[2];
    },
  });
  return instance.present(credential, frameOf(paths), { kb: { payload: binding } });
}

/** The same presentation with another value in its first disclosure, and a key binding JWT that fits it. */
export async function forge(presentation, binding, privateJwk) {
  const parts = presentation.split("~").slice(0, -1);
  const [salt, name] = json64(parts[1]);
  parts[1] = Buffer.from(JSON.stringify([salt, name, "改"])).toString("base64url");
  const shown = `${parts.join("~")}~`;
  const payload = { ...binding, sd_hash: hash(shown, "sha-256").toString("base64url") };
  return shown + (await sign({ typ: "kb+jwt", alg: "ES256" }, Buffer.from(JSON.stringify(payload)), privateJwk));
}
