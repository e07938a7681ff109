/** Tells whether some of a configured text comes from the environment. */
export const isFromEnvironment = (text: string): boolean => text.includes('$' + '{env:');

/** Message about a secret that stands in a configuration. */
export const LITERAL_SECRET = `a secret is written \${env:NAME}, since what stands in a configuration stays in the pond's history`;
