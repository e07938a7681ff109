// Says when it hears something, in milliseconds of its own clock: `node listener.mjs URL CHANNEL` listens until its input ends.
import pg from 'pg';

const [url, channel] = process.argv.slice(2);
const client = new pg.Client(url);
client.on('notification', () => console.log(performance.now()));
await client.connect();
await client.query(`LISTEN ${channel}`);
console.log('listening');
process.stdin.on('end', () => client.end()).resume();
