import type { Failure, Output } from './shapes.js';

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

const posted = (address: string, body: unknown): Promise<Response> =>
  asked(address, {
    method: 'POST',
    headers: { ...keyHeader(), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

export const post = async <A>(address: string, body: unknown): Promise<A> =>
  (await posted(address, body)).json();

/** A file that the server makes of what is asked. The browser keeps it on its disk where it is large. */
export const postForFile = async (address: string, body: unknown): Promise<Blob> =>
  (await posted(address, body)).blob();

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

/** An event of a stream. */
interface Told {
  readonly event: string;
  readonly data: string;
}

/** Events of an address, until it ends or `signal` aborts. The browser's own stream of events cannot send the page's key. */
async function* eventsFrom(address: string, signal: AbortSignal, begun: () => void): AsyncGenerator<Told> {
  const answer = await asked(address, { headers: keyHeader(), signal });
  begun();
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) return;
    const events = `${rest}${piece.value}`.split('\n\n');
    rest = events.pop() ?? '';
    for (const text of events) {
      const [, event = 'message'] = /^event: (.*)$/m.exec(text) ?? [];
      const [, data] = /^data: (.*)$/m.exec(text) ?? [];
      if (data !== undefined) yield { event, data };
    }
  }
}

/** Resolves once the page is seen, or `signal` has aborted. */
const seen = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
    look();
  });

/** Does work by a signal that aborts when the page is hidden, too; returns false where it was given up for that. */
const whileSeen = async (
  signal: AbortSignal,
  work: (seen: AbortSignal) => Promise<void>,
): Promise<boolean> => {
  const hidden = new AbortController();
  const look = (): void => {
    if (document.hidden) hidden.abort();
  };
  document.addEventListener('visibilitychange', look);
  try {
    await work(AbortSignal.any([signal, hidden.signal]));
    return true;
  } catch (thrown) {
    if (hidden.signal.aborted) return false;
    throw thrown;
  } finally {
    document.removeEventListener('visibilitychange', look);
  }
};

/**
 * Listens to what happens in the ponds until `signal` aborts, and again after each break. A browser has six connections to a server, whatever
 * the number of its pages: one that nobody sees holds none.
 */
export const listen = async (
  told: (pond: string) => void,
  isLive: (live: boolean) => void,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    await seen(signal);
    let wasSeen = true;
    try {
      wasSeen = await whileSeen(signal, async (shown) => {
        for await (const { data } of eventsFrom('/events', shown, () => isLive(true)))
          told((JSON.parse(data) as { readonly pond: string }).pond);
      });
    } catch (thrown) {
      if (thrown instanceof Refused && thrown.status === 401) return isLive(false);
    }
    isLive(false);
    if (wasSeen) await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
};

/** Tasks of which a page is told line by line at once; what others say is asked for again and again. */
const STREAMS = 2;

/** Milliseconds. */
const LOOK_AGAIN = 2_000;

let streams = 0;

/** Attempt of a task, in the interface's `base` of tasks. */
interface Followed {
  readonly base: string;
  readonly task: string;
  readonly attempt: number;
}

/** Follows what a task says until its attempt has ended, or `signal` aborts. */
export const follow = async (
  followed: Followed,
  told: (output: Output) => void,
  signal: AbortSignal,
): Promise<void> => {
  let last = Number.NEGATIVE_INFINITY;
  const news = (output: Output): void => {
    const lines = output.lines.filter(({ number }) => number > last);
    last = lines.at(-1)?.number ?? last;
    told({ ...output, lines });
  };
  for (let hasEnded = false; !hasEnded && !signal.aborted; ) {
    await seen(signal);
    hasEnded =
      streams < STREAMS ? await tell(followed, news, signal) : await lookAgain(followed, news, signal);
  }
};

/** Tells what comes; returns false where the page was hidden before the attempt had ended. */
const tell = async (
  { base, ...query }: Followed,
  told: (output: Output) => void,
  signal: AbortSignal,
): Promise<boolean> => {
  streams += 1;
  try {
    return await whileSeen(signal, async (shown) => {
      const address = addressOf(`${base}/output/follow`, query);
      for await (const { event, data } of eventsFrom(address, shown, () => undefined)) {
        if (event === 'output') told(JSON.parse(data) as Output);
        if (event === 'failed')
          throw new Refused(500, (JSON.parse(data) as { readonly error: Failure }).error);
        if (event === 'end') return;
      }
    });
  } finally {
    streams -= 1;
  }
};

const lookAgain = async (
  { base, ...query }: Followed,
  told: (output: Output) => void,
  signal: AbortSignal,
): Promise<boolean> => {
  told(await get<Output>(addressOf(`${base}/output`, query), signal));
  await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  return false;
};
