import type { Failure } from './shapes.js';

const KEY = 'pond-key';

/** A request that the interface refused, with its words. */
export class Refused extends Error {
  readonly failure: Failure;
  readonly status: number;
  constructor(status: number, failure: Failure) {
    super(failure.message);
    this.status = status;
    this.failure = failure;
  }
}

/** Takes the token out of the address, where it was opened by its link, and begins a session by it. */
export const beginSession = async (): Promise<void> => {
  const [, token] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  history.replaceState(null, '', '/');
  const answer = await fetch('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const { key } = (await answer.json()) as { readonly key?: string };
  if (key !== undefined) localStorage.setItem(KEY, key);
};

const keyHeader = (): Record<string, string> => ({ 'x-pond-key': localStorage.getItem(KEY) ?? '' });

const refusedBy = async (answer: Response): Promise<Refused> => {
  const said = (await answer.json().catch(() => null)) as { readonly error?: Failure } | null;
  return new Refused(
    answer.status,
    said?.error ?? { tag: 'NoAnswer', message: `the server says ${answer.status}`, remedy: null },
  );
};

const asked = async (address: string, init: RequestInit): Promise<Response> => {
  const answer = await fetch(`/api/v1${address}`, init);
  if (!answer.ok) throw await refusedBy(answer);
  return answer;
};

/** An address with its query; what is undefined is left out. */
export const addressOf = (
  path: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
};

export const get = async <A>(address: string, signal?: AbortSignal): Promise<A> =>
  (await asked(address, { headers: keyHeader(), ...(signal === undefined ? {} : { signal }) })).json();

export const post = async <A>(address: string, body: unknown): Promise<A> =>
  (
    await asked(address, {
      method: 'POST',
      headers: { ...keyHeader(), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json();

/** Bytes of a content. */
export const bytesOf = async (address: string): Promise<ArrayBuffer> =>
  (await asked(address, { headers: keyHeader() })).arrayBuffer();

/** Hands bytes to the browser, to be kept as a file. */
export const keepAs = (name: string, bytes: BlobPart, type = 'application/octet-stream'): void => {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};

/**
 * Listens to what happens in the ponds until `signal` aborts, and again after each break. The browser's own stream of
 * events cannot send the page's key.
 */
export const listen = async (
  told: (pond: string) => void,
  isLive: (live: boolean) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    try {
      const answer = await asked('/events', { headers: keyHeader(), signal });
      isLive(true);
      let rest = '';
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const piece = await reader?.read();
        if (piece === undefined || piece.done) break;
        const events = `${rest}${piece.value}`.split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) {
          const [, data] = /^data: (.*)$/m.exec(event) ?? [];
          if (data !== undefined) told((JSON.parse(data) as { readonly pond: string }).pond);
        }
      }
    } catch (thrown) {
      if (thrown instanceof Refused && thrown.status === 401) return isLive(false);
    }
    isLive(false);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
};
