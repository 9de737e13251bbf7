// @owf/mdoc with Node's own cryptography, and its issuer.
import {X509Certificate, createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify} from 'node:crypto';

// Its CBOR would look for a compiled helper, which is not installed: one lock file has to serve every machine.
process.env.CBOR_NATIVE_ACCELERATION_DISABLED = 'true';
export const Mdoc = await import('@owf/mdoc');

export const bytes = text => new Uint8Array(Buffer.from(text, 'base64url'));
export const text = data => Buffer.from(data).toString('base64url');
const refuse = message => { throw new Error(message); };
const certificateOf = der => new X509Certificate(Buffer.from(der));

function publicOf(key) {
  const {kty, crv, x, y} = key.jwk;
  return createPublicKey({key: {kty, crv, x, y}, format: 'jwk'});
}

const x509 = {
  getIssuerNameField({certificate, field}) {
    const lines = certificateOf(certificate).issuer.split('\n').map(line => line.split('='));
    return lines.filter(([name]) => name === field).map(([, value]) => value);
  },
  getPublicKey({certificate}) {
    return Mdoc.CoseKey.fromJwk(certificateOf(certificate).publicKey.export({format: 'jwk'}));
  },
  verifyCertificateChain({trustedCertificates, x5chain, now}) {
    const chain = x5chain.map(certificateOf);
    const anchor = trustedCertificates.map(certificateOf).find(one => chain.at(-1).checkIssued(one)) ??
      refuse('no trusted authority issued the last certificate');
    for(const [index, certificate] of chain.entries()) {
      const upper = chain[index + 1] ?? anchor;
      certificate.verify(upper.publicKey) || refuse('a certificate is not signed by the next');
      (now >= new Date(certificate.validFrom) && now <= new Date(certificate.validTo)) || refuse('out of its period');
    }
  },
  getCertificateData({certificate}) {
    const found = certificateOf(certificate);
    return {
      issuerName: found.issuer,
      subjectName: found.subject,
      serialNumber: found.serialNumber,
      thumbprint: found.fingerprint256,
      notBefore: new Date(found.validFrom),
      notAfter: new Date(found.validTo),
      pem: found.toString()
    };
  }
};

export const context = {
  x509,
  crypto: {
    random: length => new Uint8Array(randomBytes(length)),
    digest: ({digestAlgorithm, bytes: data}) =>
      new Uint8Array(createHash(digestAlgorithm.replace('-', '').toLowerCase()).update(data).digest()),
    calculateEphemeralMacKey: () => refuse('no MAC is agreed on here')
  },
  cose: {
    mac0: {sign: () => refuse('no MAC'), verify: () => refuse('no MAC')},
    sign1: {
      sign({toBeSigned, key}) {
        const {kty, crv, x, y, d} = key.jwk;
        const secret = createPrivateKey({key: {kty, crv, x, y, d}, format: 'jwk'});
        return new Uint8Array(sign('sha256', toBeSigned, {key: secret, dsaEncoding: 'ieee-p1363'}));
      },
      verify({key, sign1}) {
        const {toBeSigned, signature} = sign1;
        return verify('sha256', toBeSigned, {key: publicOf(key), dsaEncoding: 'ieee-p1363'}, signature);
      }
    }
  }
};

/** Issues a document; returns the bytes of IssuerSigned. */
export async function issue(wanted) {
  const issuer = new Mdoc.Issuer(wanted.doctype, context);
  for(const [name, elements] of Object.entries(wanted.namespaces)) {
    issuer.addIssuerNamespace(name, elements);
  }
  const issued = await issuer.sign({
    signingKey: Mdoc.CoseKey.fromJwk(wanted.signingKey),
    algorithm: Mdoc.SignatureAlgorithm.ES256,
    digestAlgorithm: 'SHA-256',
    validityInfo: {
      signed: new Date(wanted.signed), validFrom: new Date(wanted.validFrom), validUntil: new Date(wanted.validUntil)
    },
    deviceKeyInfo: {deviceKey: Mdoc.DeviceKey.fromJwk(wanted.deviceKey)},
    certificates: wanted.certificates.map(bytes)
  });
  return issued.encode();
}
