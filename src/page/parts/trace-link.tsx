/** A link out of the page: only where it leads to a page. */
export const TraceLink = ({ url }: { readonly url: string }) =>
  /^https?:\/\//.test(url) ? (
    <a href={url} rel="noreferrer noopener" target="_blank">
      trace
    </a>
  ) : null;
