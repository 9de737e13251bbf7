// Measures @owf/mdoc: processor seconds of issuing one document, and of verifying one that was issued.
//
// stdin:  {"wanted": as `issue` of mdoc.mjs has it, "data": base64url, "now": "…", "seconds": how long to
//          measure each}. Certificates are not looked at: this is the format alone.
// stdout: {"issue": seconds, "verify": seconds}
import {readFileSync} from 'node:fs';
import {measure} from './measuring.mjs';
import {Mdoc, bytes, context, issue} from './mobile/issuing.mjs';

const {wanted, data, now, seconds} = JSON.parse(readFileSync(0, 'utf8'));
const verify = () => Mdoc.Holder.verifyIssuerSigned(
  {issuerSigned: bytes(data), disableCertificateChainValidation: true, now: new Date(now)}, context
);
process.stdout.write(JSON.stringify({
  issue: await measure(() => issue(wanted), seconds),
  verify: await measure(verify, seconds)
}));
