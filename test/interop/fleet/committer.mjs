// Commits one file after the other to a pond, and says of each whether it landed: `node committer.mjs LIBRARY POND NAME FIRST LAST`.
const [library, address, name, first, last] = process.argv.slice(2);
const { Steward } = await import(library);

const KINDS = ['chain', 'fan', 'alone', 'alone'];

const { POND_CONTROL: control, POND_CACHE: cache, AWS_ENDPOINT_URL: endpoint } = process.env;
const place = { control, cache, ...(endpoint === undefined ? {} : { endpoint }) };
const pond = await Steward.open(address, {
  ...place,
  tasks: 'background',
  trust: 'all',
  lockTimeoutMs: 120_000,
});
for (let turn = Number(first); turn <= Number(last); turn += 1) {
  const path = `/in/${KINDS[turn % KINDS.length]}-${name}-${turn}.txt`;
  try {
    await pond.write(({ fs }) => fs.write(path, Buffer.from(`${path}\n`)));
    console.log(`landed ${turn} ${path}`);
  } catch (problem) {
    const { _tag: tag, message } = problem.error ?? problem;
    console.log(`failed ${turn} ${tag ?? message}`);
  }
}
await pond.close();
