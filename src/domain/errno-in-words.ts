const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOENT: 'no such file or directory',
  ESPIPE: 'not a regular file',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EEXIST: 'exists already',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'larger than a file may be',
  EROFS: 'the file system is read-only',
  EIO: 'input/output error',
  EILSEQ: 'the name is not UTF-8',
  EMFILE: 'too many open files',
  ELOOP: 'too many symlinks',
  ENAMETOOLONG: 'the name is too long',
};

/** An errno name with its meaning: `no space left on the device (ENOSPC)`. */
export const errnoInWords = (code: string): string =>
  MEANINGS[code] === undefined ? code : `${MEANINGS[code]} (${code})`;
