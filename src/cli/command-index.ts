import type { CommandDefinition } from './command.js';

/** A command by name. Its module is loaded only when the command is used, so that small commands start fast. */
export interface IndexedCommand {
  /** One word, or two: `control retry`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: CommandDefinition }>;
}

/** Commands that are about the same. */
export interface Topic {
  readonly title: string;
  readonly commands: readonly IndexedCommand[];
}

const indexed = (
  name: string,
  summary: string,
  load: IndexedCommand['load'],
  aliases: readonly string[] = [],
): IndexedCommand => ({ name, aliases, summary, load });

/** Commands by what they are about, in the order of the overview. */
export const TOPICS: readonly Topic[] = [
  {
    title: 'Begin',
    commands: [
      indexed('init', 'make a new pond', () => import('./commands/contents/init.js')),
      indexed('apply', 'make what a file says', () => import('./commands/contents/apply.js')),
      indexed('config', 'get, set or list settings', () => import('./commands/contents/config.js')),
      indexed(
        'factories',
        'list the factories that are known, or show the keys of one',
        () => import('./commands/contents/factories.js'),
      ),
      indexed('trust', 'approve what a pond would run', () => import('./commands/trust/trust.js')),
    ],
  },
  {
    title: 'Files and directories',
    commands: [
      indexed('copy', 'copy between the host and the pond', () => import('./commands/contents/copy.js')),
      indexed('cat', 'print a content, or query it with SQL', () => import('./commands/contents/cat.js')),
      indexed('list', 'list what is in the pond', () => import('./commands/contents/list.js')),
      indexed('ls', 'list what is in a directory', () => import('./commands/contents/ls.js')),
      indexed('describe', 'show one entry', () => import('./commands/contents/describe.js')),
      indexed('versions', 'list the versions of a file', () => import('./commands/contents/versions.js')),
      indexed('mkdir', 'make directories', () => import('./commands/contents/mkdir.js')),
      indexed('mknod', 'make a dynamic node, or a plain file', () => import('./commands/contents/mknod.js')),
      indexed('mv', 'move or rename an entry', () => import('./commands/contents/mv.js')),
      indexed('cp', 'copy an entry inside the pond', () => import('./commands/history/cp.js')),
      indexed('rm', 'remove entries', () => import('./commands/contents/rm.js')),
    ],
  },
  {
    title: 'Rows',
    commands: [
      indexed('sql', 'query the pond with SQL', () => import('./commands/contents/sql.js')),
      indexed(
        'series',
        'show or change what the versions of a series keep to',
        () => import('./commands/contents/series.js'),
      ),
      indexed('validate', 'check files against rules', () => import('./commands/contents/validate.js')),
    ],
  },
  {
    title: 'History',
    commands: [
      indexed('log', 'show the commits that touched a path', () => import('./commands/steward/log.js')),
      indexed('diff', 'show what differs between two states', () => import('./commands/history/diff.js')),
      indexed('revert', 'undo a commit by a new one', () => import('./commands/history/revert.js')),
      indexed(
        'restore-path',
        'make an entry what it was',
        () => import('./commands/history/restore-path.js'),
      ),
    ],
  },
  {
    title: 'What follows a commit',
    commands: [
      indexed('plan', 'show what a commit sets off', () => import('./commands/steward/plan.js')),
      indexed('control', 'show transactions and their tasks', () => import('./commands/steward/control.js')),
      indexed(
        'control retry',
        'run failed tasks of a commit again',
        () => import('./commands/steward/control-retry.js'),
        ['log retry'],
      ),
      indexed(
        'control cancel',
        'end tasks, or see that they do not begin',
        () => import('./commands/steward/control-cancel.js'),
      ),
      indexed(
        'control dismiss',
        'settle failed tasks without running them',
        () => import('./commands/steward/control-dismiss.js'),
      ),
      indexed(
        'show-post-commit',
        'list the tasks of a commit',
        () => import('./commands/steward/show-post-commit.js'),
      ),
      indexed('trace', 'show a commit and its tasks in time', () => import('./commands/steward/trace.js')),
      indexed('logs', 'show what a task has said', () => import('./commands/steward/logs.js')),
      indexed('run', 'run an executable factory by hand', () => import('./commands/steward/run.js')),
      indexed(
        'notify test',
        'send a test message as an entry would',
        () => import('./commands/steward/notify-test.js'),
      ),
    ],
  },
  {
    title: 'In the background, and on other machines',
    commands: [
      indexed(
        'serve',
        'run in the background what ponds have to do',
        () => import('./commands/serve/serve.js'),
      ),
      indexed(
        'work',
        'run what is pending and due, as serve does, without the page',
        () => import('./commands/serve/work.js'),
      ),
      indexed(
        'wait',
        'wait for the tasks that a commit has left to the background',
        () => import('./commands/steward/wait.js'),
      ),
      indexed(
        'watch',
        'what watched folders have that would be taken in',
        () => import('./commands/serve/watch.js'),
      ),
      indexed(
        'worker',
        'take tasks of a pond that many machines share',
        () => import('./commands/serve/worker.js'),
      ),
      indexed(
        'workers',
        'show which processes run tasks, and what they do now',
        () => import('./commands/serve/workers.js'),
      ),
    ],
  },
  {
    title: 'Remotes and replicas',
    commands: [
      indexed(
        'remote add',
        'name a place that the pond is pushed to',
        () => import('./commands/remotes/remote-add.js'),
      ),
      indexed(
        'remote list',
        'list the remotes and how far behind they are',
        () => import('./commands/remotes/remote-list.js'),
      ),
      indexed('remote remove', 'forget a remote', () => import('./commands/remotes/remote-remove.js')),
      indexed(
        'remote probe',
        'try whether a store can be relied on',
        () => import('./commands/remotes/remote-probe.js'),
      ),
      indexed('push', 'send to the remotes what they lack', () => import('./commands/remotes/push.js')),
      indexed('verify', 'compare the pond with its remotes', () => import('./commands/remotes/verify.js')),
      indexed('restore', 'make a pond of a remote', () => import('./commands/remotes/restore.js')),
      indexed('replicate', 'make a replica of a remote', () => import('./commands/remotes/replicate.js')),
      indexed('pull', 'bring what is new into a replica', () => import('./commands/remotes/pull.js')),
      indexed('promote', 'let a replica take writes', () => import('./commands/remotes/promote.js')),
    ],
  },
  {
    title: 'Care',
    commands: [
      indexed('status', 'show the state of the pond', () => import('./commands/steward/status.js')),
      indexed('recover', 'repair what a crash left', () => import('./commands/steward/recover.js')),
      indexed(
        'fsck',
        'check that the pond is as it was recorded',
        () => import('./commands/steward/fsck.js'),
      ),
      indexed(
        'maintain',
        'remove what nobody needs any more',
        () => import('./commands/steward/maintain.js'),
      ),
      indexed(
        'rebuild-control',
        'make a new control table from the log',
        () => import('./commands/steward/rebuild-control.js'),
      ),
    ],
  },
  {
    title: 'Plans for the host',
    commands: [
      indexed(
        'host apply',
        'execute a plan of operations on the host, all or nothing',
        () => import('./commands/host/host-apply.js'),
      ),
      indexed(
        'host recover',
        'roll back host plans that a crash interrupted',
        () => import('./commands/host/host-recover.js'),
      ),
      indexed(
        'host checkpoints',
        'list host plans that have not ended well',
        () => import('./commands/host/host-checkpoints.js'),
      ),
    ],
  },
];

/** All commands, in that order. */
export const COMMANDS: readonly IndexedCommand[] = TOPICS.flatMap(({ commands }) => commands);

/** A command by its name or an alias; `words` are the words typed so far. Two words are tried first. */
export const findCommand = (words: readonly string[]): IndexedCommand | undefined => {
  const [first = '', second] = words;
  return named(`${first} ${second}`) ?? named(first);
};

const named = (words: string): IndexedCommand | undefined =>
  COMMANDS.find(({ name, aliases }) => name === words || aliases.includes(words));
