// A wallet made of other people's libraries: @openid4vc for the protocols, @sd-jwt for the format, dcql for the query,
// jose for keys. One command as JSON on standard input, one answer as JSON on standard output; an error is an answer.
// Each command also has "anchors": the pinned root certificates in PEM.
//
//   {"do": "metadata", "issuer": identifier}
//   {"do": "claim", "offer": link, "txCode"?, "format": "dc+sd-jwt" | "ldp_vc", "keys"?: 1,
//    "proof"?: "jwk" | "did:jwk", "spoil"?: "nonce" | "audience" | "key"}
//   {"do": "verify", "credential", "issuerJwk"?, "typesAt"?: origin that serves /vct/<name>/1}
//   {"do": "types", "urls"}
//   {"do": "present", "request": link, "credentials": as claimed, "fetchBy"?: "post" | "get" | "encrypted post",
//    "spoil"?: "nonce" | "audience" | "time" | "key" | "disclosure" | "omission" | "encryption",
//    "repeat"?: send the same answer twice}
//   {"do": "trustList", "url"}    {"do": "statusList", "url", "indices"}
import { readFileSync } from "node:fs";
import { setGlobalConfig } from "@openid4vc/openid4vci";
import { claim, metadata } from "./wallet/issuance.mjs";
import { trust } from "./wallet/keys.mjs";
import { statusList, trustList } from "./wallet/lists.mjs";
import { present } from "./wallet/presentation.mjs";
import { types, verify } from "./wallet/sd_jwt.mjs";

// The servers of the tests are on this machine, without TLS.
setGlobalConfig({ allowInsecureUrls: true });

const commands = { metadata, claim, verify, types, present, trustList, statusList };
const command = JSON.parse(readFileSync(0, "utf8"));
trust(command.anchors);
const answer = await commands[command.do](command).catch((error) => ({
  error: String(error.message ?? error),
  response: error.response?.credentialErrorResponseResult?.data ?? error.errorResponse,
}));
console.log(JSON.stringify(answer));
