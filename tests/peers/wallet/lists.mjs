// The trust list and a status list, read with jose and nothing of the libraries for credentials.
import { inflateSync } from "node:zlib";
import * as jose from "jose";
import { get, leafOf } from "./keys.mjs";

/** The trust list: a compact JWS whose certificates lead to the pinned anchor (ETSI TS 119 602). */
export async function trustList({ url }) {
  const jws = await (await get(url, "application/jwt")).text();
  const { x5c } = jose.decodeProtectedHeader(jws);
  const { payload, protectedHeader } = await jose.compactVerify(jws, leafOf(x5c).publicKey, { algorithms: ["ES256"] });
  return { typ: protectedHeader.typ, list: JSON.parse(Buffer.from(payload)) };
}

/** A Status List Token, and what it says of some indices: least significant bits first (Token Status List §4). */
export async function statusList({ url, indices }) {
  const jwt = await (await get(url, "application/statuslist+jwt")).text();
  const { publicKey } = leafOf(jose.decodeProtectedHeader(jwt).x5c);
  const { payload } = await jose.jwtVerify(jwt, publicKey, {
    algorithms: ["ES256"], typ: "statuslist+jwt", subject: url, requiredClaims: ["iat", "exp", "ttl", "status_list"],
  });
  const { bits, lst } = payload.status_list;
  const list = inflateSync(Buffer.from(lst, "base64url"));
  const at = (index) => (list[Math.floor((index * bits) / 8)] >> ((index * bits) % 8)) & ((1 << bits) - 1);
  return { bits, entries: (list.length * 8) / bits, statuses: indices.map(at) };
}
