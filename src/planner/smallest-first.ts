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
  const swap = (a: number, b: number) => {
    const kept = at(a);
    heap[a] = at(b);
    heap[b] = kept;
  };
  return {
    push: (value) => {
      let index = heap.push(value) - 1;
      while (index > 0 && at(index) < at((index - 1) >> 1)) {
        swap(index, (index - 1) >> 1);
        index = (index - 1) >> 1;
      }
    },
    pop: () => {
      const smallest = heap[0];
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return smallest;
      heap[0] = last;
      for (let index = 0; ; ) {
        const child = at(2 * index + 1) <= at(2 * index + 2) ? 2 * index + 1 : 2 * index + 2;
        if (at(child) >= at(index)) return smallest;
        swap(index, child);
        index = child;
      }
    },
  };
};
