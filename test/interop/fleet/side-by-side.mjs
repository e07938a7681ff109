/**
 * Faults in the order of records: a path that is begun while it is running, an end under an older token than its beginning's. An attempt whose runner
 * has died runs no longer; who takes its task over, maybe after others of its path have run, closes it under a claim of its own, which is newer.
 */
export const faultsOf = (records) => {
  const running = new Map();
  /** Attempts of which another one of the path has begun before they were closed, by task. */
  const overtaken = new Map();
  const faults = [];
  for (const { config_path: path, parent_txn_seq, execution_seq, record_type, token } of records) {
    const task = `${parent_txn_seq}.${execution_seq}`;
    const now = running.get(path);
    if (record_type === 'post_commit_started') {
      if (now !== undefined) overtaken.set(now.task, { token: now.token, by: task });
      running.set(path, { task, token });
      continue;
    }
    const before = overtaken.get(task);
    if (before !== undefined) {
      if (Number(token) <= Number(before.token)) faults.push(`${before.by} began while ${task} ran`);
      overtaken.delete(task);
      continue;
    }
    // What never began ends without a beginning.
    if (record_type === 'post_commit_skipped' && now?.task !== task) continue;
    if (now === undefined || now.task !== task) faults.push(`${task} ended and had not begun`);
    else if (Number(token) < Number(now.token)) faults.push(`${task} ended under an older token`);
    running.delete(path);
  }
  return [...faults, ...[...overtaken].map(([task, { by }]) => `${task} was not closed, and ${by} began`)];
};
