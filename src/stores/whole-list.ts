import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import type { ListRequest, ObjectInfo, ObjectStore } from '../ports/object-store.js';
import type { Repeated } from './repeated-request.js';
import type { StoreError } from './store-error.js';

/** Objects of one list: a server may say that there are more for ever. */
const LONGEST_LIST = 5_000_000;
/** Pages of one list. They mostly have a thousand objects each; a server may give one at a time, for ever. */
const MOST_PAGES = 20_000;

/** Lists all objects, page by page. */
export const wholeList = (
  store: ObjectStore,
  repeated: Repeated,
  { prefix, after }: ListRequest,
): TaskEither<StoreError, readonly ObjectInfo[]> =>
  steps<StoreError, readonly ObjectInfo[]>(async ({ run, fail }) => {
    const objects: ObjectInfo[] = [];
    for (let from = after, pages = 1; ; pages += 1) {
      const page = await run(
        repeated({ call: 'list', key: prefix, sent: 0, expected: 0 }, (ending) =>
          store.list({ prefix, ...(from === undefined ? {} : { after: from }) }, ending),
        ),
      );
      for (const object of page.objects) if (object.key.startsWith(prefix)) objects.push(object);
      if (!page.isTruncated) return objects;
      const last = page.objects.at(-1)?.key;
      const said = problemOfList(from, last, objects.length, pages);
      if (last === undefined || said !== null) {
        return fail({
          _tag: 'StoreFailed',
          store: store.url,
          call: 'list',
          key: prefix,
          code: 'BAD_LIST',
          message: `it ${said}`,
          isTransient: false,
          retryAfterMs: null,
        });
      }
      from = last;
    }
  });

/** Says why a list of which there is said to be more does not go on; null: it does. What it has so far must not be taken for all that there is. */
const problemOfList = (
  from: string | undefined,
  last: string | undefined,
  objects: number,
  pages: number,
): string | null => {
  if (last === undefined) return 'says that there is more of a list, and lists nothing';
  if (from !== undefined && Buffer.compare(Buffer.from(last), Buffer.from(from)) <= 0)
    return 'lists the same objects again';
  if (objects > LONGEST_LIST) return `lists more than ${LONGEST_LIST} objects`;
  return pages >= MOST_PAGES
    ? `lists ${objects} objects in ${pages} answers, and says that there are more`
    : null;
};
