/** Faults in the order of records: a path that is begun while it is running, an end under an older token than its beginning's. */
export const faultsOf = (records) => {
  const running = new Map();
  const faults = [];
  for (const { config_path: path, parent_txn_seq, execution_seq, record_type, token } of records) {
    const task = `${parent_txn_seq}.${execution_seq}`;
    const now = running.get(path);
    if (record_type === 'post_commit_started') {
      if (now !== undefined) faults.push(`${task} began while ${now.task} ran`);
      running.set(path, { task, token });
      continue;
    }
    // What never began ends without a beginning.
    if (record_type === 'post_commit_skipped' && now?.task !== task) continue;
    if (now === undefined || now.task !== task) faults.push(`${task} ended and had not begun`);
    // Whoever takes over closes the interrupted attempt, under its own claim, which is newer.
    else if (Number(token) < Number(now.token)) faults.push(`${task} ended under an older token`);
    running.delete(path);
  }
  return faults;
};
