/** Work that ends: those who ask later whether it has hold nothing of the work itself, however long they live. */
export interface Ending {
  readonly isOver: () => boolean;
  readonly end: () => void;
}

/** Apart from the work on purpose: a function keeps alive all that is around it. */
export const ending = (): Ending => {
  let over = false;
  return {
    isOver: () => over,
    end: () => {
      over = true;
    },
  };
};
