import { isLeft } from 'fp-ts/lib/Either.js';
import { jsonText, jsonValue } from '../../control/store/json-text.js';
import { pendingTasksOf } from '../planning/pending-tasks.js';
import { readStoredPlan } from '../planning/stored-plan.js';
import type { TasksOfPlan } from './check-commits.js';

const PlanText = jsonText(jsonValue);

/** The tasks of each stored plan, read when it is first asked for: a pond has few plans and many commits. */
export const tasksOfStoredPlans = (stored: ReadonlyMap<string, string>): TasksOfPlan => {
  const known = new Map<string, ReturnType<TasksOfPlan>>();
  return (checksum) => {
    const remembered = known.get(checksum);
    if (remembered !== undefined) return remembered;
    const tasks = tasksIn(checksum, stored.get(checksum));
    known.set(checksum, tasks);
    return tasks;
  };
};

const tasksIn = (checksum: string, text: string | undefined): ReturnType<TasksOfPlan> => {
  const plan = PlanText.decode(text);
  if (isLeft(plan)) return null;
  const opened = readStoredPlan({ checksum, plan: plan.right });
  return isLeft(opened) ? null : pendingTasksOf(opened.right);
};
