// Machines of their own on this one: each process of a machine sees one network, which can be cut. Network namespaces where root may make them.
import { spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';

const ip = (...args) => {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
};

/** Tells whether network namespaces can be made here. */
export const canSeparate = () => {
  const name = `pond-try-${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  ip('netns', 'del', name);
  return true;
};

/** The network that all machines are in. */
export const NETWORK = '10.213.0.0/16';

/** Makes so many machines; `at` is the address under which each of them reaches this one. */
export const separate = (count) => {
  const machines = [];
  const end = () => {
    for (const { name } of machines) spawnSync('ip', ['netns', 'del', name]);
  };
  try {
    for (let number = 1; number <= count; number += 1) {
      const name = `pond-fleet-${process.pid}-${number}`;
      const [here, there] = [`pfh${number}`, `pft${number}`];
      ip('netns', 'add', name);
      machines.push({
        name,
        at: `10.213.${number}.1`,
        inside: (program, args) => ['ip', ['netns', 'exec', name, program, ...args]],
        cut: () => ip('link', 'set', here, 'down'),
        heal: () => ip('link', 'set', here, 'up'),
      });
      ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there);
      ip('link', 'set', there, 'netns', name);
      ip('addr', 'add', `10.213.${number}.1/24`, 'dev', here);
      ip('link', 'set', here, 'up');
      ip('-n', name, 'addr', 'add', `10.213.${number}.2/24`, 'dev', there);
      ip('-n', name, 'link', 'set', there, 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
  } catch (problem) {
    end();
    throw problem;
  }
  return { machines, end };
};

/** Machines without namespaces of their own: what they say goes through a relay, which stands still while they are cut off. */
export const relayed = async (count, port) => {
  const machines = [];
  for (let number = 1; number <= count; number += 1) {
    const relay = await relayTo('127.0.0.1', 0, port);
    machines.push({ ...relay, name: `machine ${number}`, inside: (program, args) => [program, args] });
  }
  const end = () => {
    for (const { stop } of machines) stop();
  };
  return { machines, end };
};

/** A relay that listens at an address, and can stand still: what is sent arrives later, and nobody is told. */
export const relayTo = async (at, own, port) => {
  const sockets = new Set();
  let isCut = false;
  const server = createServer((client) => {
    const target = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ]) {
      sockets.add(from);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (isCut) from.pause();
    }
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(own, at, resolve));
  return {
    at,
    port: server.address().port,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    heal: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
