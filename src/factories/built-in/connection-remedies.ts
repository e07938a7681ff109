/**
 * Adds to what is said of a connection that did not come about what can be done, where its code tells. `withoutTls`: how an address is written that
 * does without.
 */
export const withRemedy = (said: string, code: string, withoutTls: string): string => {
  const remedy = code === 'EPROTO' ? `it does not speak TLS; ${withoutTls}` : REMEDIES.get(code);
  return remedy === undefined ? said : `${said}: ${remedy}`;
};

const NOT_TRUSTED =
  'no authority that this machine trusts has signed its certificate; NODE_EXTRA_CA_CERTS=FILE names one of your own';

/** Codes of the system and of TLS. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'there is no host of that name'],
  ['ECONNREFUSED', 'nothing listens there'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', NOT_TRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', NOT_TRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', NOT_TRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', NOT_TRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', NOT_TRUSTED],
  ['CERT_UNTRUSTED', NOT_TRUSTED],
  ['CERT_HAS_EXPIRED', 'the server needs a new certificate'],
  [
    'CERT_NOT_YET_VALID',
    "the server needs a certificate that is valid today, or this machine's clock is wrong",
  ],
  ['CERT_REVOKED', 'the server needs a new certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'the certificate is for another name than the address says'],
]);
