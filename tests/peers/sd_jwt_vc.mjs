// Issues and presents an SD-JWT VC with @sd-jwt/sd-jwt-vc; keys and hashes are Node's own, nothing is fetched.
//
// stdin:  {"issuerKey": private JWK, "holderKey": private JWK, "header": {…}, "claims": {…}, "frame": disclosure frame,
//          "shown": presentation frame, "binding": {"iat", "aud", "nonce"}}
// stdout: {"issued": SD-JWT, "presented": SD-JWT+KB}
import {createHash, createPrivateKey, randomBytes, sign} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';

const {issuerKey, holderKey, header, claims, frame, shown, binding} = JSON.parse(readFileSync(0, 'utf8'));
const signerOf = jwk => data => {
  const key = createPrivateKey({key: jwk, format: 'jwk'});
  return sign('sha256', Buffer.from(data), {key, dsaEncoding: 'ieee-p1363'}).toString('base64url');
};
const instance = new SDJwtVcInstance({
  signer: signerOf(issuerKey),
  signAlg: 'ES256',
  kbSigner: signerOf(holderKey),
  kbSignAlg: 'ES256',
  hasher: (data, algorithm) => createHash(algorithm.replace('-', '')).update(Buffer.from(data)).digest(),
  hashAlg: 'sha-256',
  saltGenerator: () => randomBytes(16).toString('base64url')
});
const issued = await instance.issue(claims, frame, {header});
const presented = await instance.present(issued, shown, {kb: {payload: binding}});
process.stdout.write(JSON.stringify({issued, presented}));
