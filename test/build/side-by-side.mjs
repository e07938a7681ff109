// Runs steps, as many at once as there is room for. What a step says is printed when it has ended, in one piece.

import { spawn } from 'node:child_process';

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Runs one program to its end; returns what it said, and null or what is wrong. */
const runStep = ({ command: [program, ...args], env = {} }, cwd) =>
  new Promise((ended) => {
    const said = [];
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', ({ message }) => ended({ said: '', problem: message }));
    child.on('close', (code, signal) => {
      const problem = code === 0 ? null : (signal ?? `exit code ${code}`);
      ended({ said: Buffer.concat(said).toString(), problem });
    });
  });

/**
 * Runs `steps` (`{ name, command, after? }`; `after`: the names of steps that must have succeeded before), `lanes` at a
 * time. All of them are run, whatever fails, but those that wait for one that failed. Returns the names of what failed.
 */
export const sideBySide = async (steps, { cwd, lanes, print = console.log }) => {
  const waiting = [...steps];
  const succeeded = new Set();
  const failed = [];
  const isReady = ({ after = [] }) => after.every((name) => succeeded.has(name));
  const isHopeless = ({ after = [] }) => after.some((name) => failed.includes(name));
  const running = new Set();

  const start = (step) => {
    waiting.splice(waiting.indexOf(step), 1);
    const begun = performance.now();
    const end = runStep(step, cwd).then(({ said, problem }) => {
      running.delete(end);
      print(`\n== ${step.name} (${seconds(performance.now() - begun)})\n${said.trimEnd()}`);
      if (problem === null) succeeded.add(step.name);
      else failed.push(step.name);
      if (problem !== null) print(`"${step.name}" failed: ${problem}`);
    });
    running.add(end);
  };

  for (;;) {
    for (const step of waiting.filter(isHopeless)) {
      waiting.splice(waiting.indexOf(step), 1);
      failed.push(step.name);
      print(`\n== ${step.name}: not run, since what it needs has failed`);
    }
    while (running.size < lanes && waiting.some(isReady)) start(waiting.find(isReady));
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (waiting.length > 0)
    throw new Error(`nothing makes ready: ${waiting.map(({ name }) => name).join(', ')}`);
  return failed;
};
