import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Binding } from '../domain/binding.js';
import type { HostFileSystem } from '../ports/file-system.js';
import type { Host } from '../ports/host.js';
import type { UserState } from '../ports/user-state.js';

export interface BindingPorts {
  readonly files: Pick<HostFileSystem, 'lstat' | 'realPath'>;
  readonly userState: Pick<UserState, 'hmac' | 'machine'>;
  readonly host: Pick<Host, 'bootId' | 'pidNamespace'>;
}

/** Binding of a record that is made now, for a directory; in words why that cannot be said. */
export const bindingHere = (
  { files, userState, host }: BindingPorts,
  directory: string,
): Either<string, Binding> => {
  const machine = userState.machine();
  if (isLeft(machine)) return left(machine.left.problem);
  const real = files.realPath(directory)();
  const stat = isLeft(real) ? real : files.lstat(real.right)();
  if (isLeft(stat)) return left(`${stat.left.path}: ${stat.left.code}`);
  return right({
    machine: machine.right,
    inode: String(stat.right.inode),
    device: String(stat.right.device),
    boot: host.bootId(),
    pid_namespace: host.pidNamespace(),
  });
};
