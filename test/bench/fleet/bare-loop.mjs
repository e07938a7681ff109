// What tasks one by one cost at least: `FOR UPDATE SKIP LOCKED`, a record of the start and one of the end, dependents counted down, each step one
// call of a function in the database. `node bare-loop.mjs URL SCHEMA CONCURRENCY` works until its input ends.
import pg from 'pg';

const STATEMENTS = [
  `CREATE TABLE task (id BIGINT PRIMARY KEY, path TEXT NOT NULL, needs_left INTEGER NOT NULL, state TEXT NOT NULL)`,
  `CREATE INDEX ready ON task (id) WHERE state = 'pending' AND needs_left = 0`,
  'CREATE TABLE need (id BIGINT NOT NULL, needs BIGINT NOT NULL, PRIMARY KEY (needs, id))',
  `CREATE TABLE record (record_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id BIGINT NOT NULL,
     type TEXT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())`,
  `CREATE FUNCTION start_next() RETURNS BIGINT LANGUAGE plpgsql AS $$
   DECLARE taken BIGINT;
   BEGIN
     SELECT id INTO taken FROM task WHERE state = 'pending' AND needs_left = 0 ORDER BY id
     LIMIT 1 FOR UPDATE SKIP LOCKED;
     IF taken IS NULL THEN RETURN NULL; END IF;
     UPDATE task SET state = 'started' WHERE id = taken;
     INSERT INTO record (id, type) VALUES (taken, 'started');
     RETURN taken;
   END $$`,
  `CREATE FUNCTION end_task(ended BIGINT) RETURNS VOID LANGUAGE plpgsql AS $$
   BEGIN
     UPDATE task SET state = 'completed' WHERE id = ended;
     INSERT INTO record (id, type) VALUES (ended, 'completed');
     PERFORM 1 FROM task JOIN need ON task.id = need.id WHERE need.needs = ended ORDER BY task.id FOR UPDATE OF task;
     UPDATE task SET needs_left = needs_left - 1 FROM need WHERE need.needs = ended AND task.id = need.id;
     IF FOUND THEN PERFORM pg_notify(TG_SCHEMA(), ''); END IF;
   END $$`,
];

const settings = (schema) => `SET search_path = ${schema}; SET jit = off; SET enable_seqscan = off`;

/** Makes the tables, empty. */
export const prepareBare = async (client, schema) => {
  await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(settings(schema));
  for (const statement of STATEMENTS) await client.query(statement.replace('TG_SCHEMA()', `'${schema}'`));
};

/** Commits tasks; each of `tasks` is the list of those that it needs, by number from 1. */
export const commitBare = async (client, schema, tasks) => {
  const rows = tasks.map((needs, place) => ({ id: place + 1, needs_left: needs.length }));
  const needs = tasks.flatMap((needed, place) => needed.map((one) => ({ id: place + 1, needs: one })));
  await client.query('BEGIN');
  await client.query(`INSERT INTO need SELECT * FROM json_to_recordset($1) AS n (id BIGINT, needs BIGINT)`, [
    JSON.stringify(needs),
  ]);
  await client.query(
    `INSERT INTO task SELECT id, '/etc/' || id, needs_left, 'pending'
     FROM json_to_recordset($1) AS t (id BIGINT, needs_left INTEGER)`,
    [JSON.stringify(rows)],
  );
  await client.query(`SELECT pg_notify('${schema}', '')`);
  await client.query('COMMIT');
};

const work = async (url, schema, concurrency) => {
  const listener = new pg.Client(url);
  await listener.connect();
  await listener.query(`LISTEN ${schema}`);
  const waiting = new Set();
  listener.on('notification', () => {
    for (const wake of waiting) wake();
    waiting.clear();
  });
  const loop = async () => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(settings(schema));
    for (;;) {
      const told = new Promise((resolve) => waiting.add(resolve));
      const { rows } = await client.query({ name: 'start', text: 'SELECT start_next() AS id' });
      if (rows[0].id === null) await told;
      else await client.query({ name: 'end', text: 'SELECT end_task($1)', values: [rows[0].id] });
    }
  };
  for (let place = 0; place < concurrency; place += 1) void loop();
  console.log('working');
  process.stdin.on('end', () => process.exit(0)).resume();
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [url, schema, concurrency] = process.argv.slice(2);
  await work(url, schema, Number(concurrency));
}
