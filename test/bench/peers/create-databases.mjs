// `node create-databases.mjs URL NAME...`
import pg from 'pg';

const [connectionString, ...names] = process.argv.slice(2);
const client = new pg.Client({ connectionString });
await client.connect();
for (const name of names) await client.query(`CREATE DATABASE ${name}`);
const { rows } = await client.query(
  "SELECT name || ' = ' || setting AS said FROM pg_settings WHERE name IN ('server_version', 'fsync', 'synchronous_commit')",
);
console.log(rows.map(({ said }) => said).join(', '));
await client.end();
