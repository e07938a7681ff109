/** A content that says who wrote it and when, filled up to a length; no two are the same. */
export const contentOf = (path: string, commit: number, generation: string, length: number): Buffer => {
  const words = `${path} ${commit}.${generation}\n`;
  return Buffer.from(words.repeat(Math.max(1, Math.ceil(length / words.length))));
};
