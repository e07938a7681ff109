/** A queue of numbers that gives the smallest one first. */
export interface SmallestFirst {
  readonly push: (value: number) => void;
  /** Takes the smallest one out; undefined when there is none. */
  readonly pop: () => number | undefined;
}

/** An empty queue: a binary heap, so that both steps take logarithmic time. */
export const smallestFirst = (): SmallestFirst => {
  const heap: number[] = [];
  const at = (index: number): number => heap[index] ?? Number.POSITIVE_INFINITY;
  return {
    push: (value) => {
      let index = heap.length;
      heap.push(value);
      // What is larger moves down until the value has found its place.
      for (let parent = (index - 1) >> 1; index > 0 && at(parent) > value; parent = (index - 1) >> 1) {
        heap[index] = at(parent);
        index = parent;
      }
      heap[index] = value;
    },
    pop: () => {
      const smallest = heap[0];
      const last = heap.pop();
      const { length } = heap;
      if (length === 0 || last === undefined) return smallest;
      let index = 0;
      for (let child = 1; child < length; child = 2 * index + 1) {
        const smaller = child + 1 < length && at(child + 1) < at(child) ? child + 1 : child;
        if (at(smaller) >= last) break;
        heap[index] = at(smaller);
        index = smaller;
      }
      heap[index] = last;
      return smallest;
    },
  };
};
