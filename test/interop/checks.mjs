/** Counts what agrees with other people's programs and what does not, and says so line by line. */
export const countChecks = () => {
  const counts = { passed: 0, failed: 0 };
  return {
    counts,
    add: ({ passed, failed }) => {
      counts.passed += passed;
      counts.failed += failed;
    },
    check: (name, theirs, ours) => {
      const same = theirs === ours;
      counts[same ? 'passed' : 'failed'] += 1;
      console.log(`${same ? 'ok   ' : 'FAIL '}${name}`);
      if (!same) console.log(`       theirs: ${shown(theirs)}\n       pond:   ${shown(ours)}`);
    },
  };
};

const shown = (text) => String(text).slice(0, 4_000).replaceAll('\n', '\n               ');
